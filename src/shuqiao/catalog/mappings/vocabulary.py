"""Words portals and forms use for the values of our lists, and for our elements."""

from __future__ import annotations

CYCLE_WORDS: dict[str, str] = {
    word: label
    for label, words in {
        "实时": ("实时", "即时", "小时级", "分钟级", "秒级"),
        "每日": ("每日", "每天", "日", "天", "按日更新"),
        "每周": ("每周", "周", "按周更新"),
        "每旬": ("每旬", "旬"),
        "每月": ("每月", "月", "按月更新", "按月"),
        "每季度": ("每季度", "季度", "每季", "季", "按季度更新"),
        "每半年": ("每半年", "半年", "按半年更新"),
        "每年": ("每年", "年", "年度", "按年更新", "按年", "‘每年’"),
        "不定期": ("不定期", "不定时", "不定期更新"),
        "不更新": ("不更新", "静态数据", "一次性"),
    }.items()
    for word in words
}
OPENING_WORDS: dict[str, str] = {
    word: label
    for label, words in {
        "无条件开放": ("无条件开放", "无条件", "完全开放", "可开放", "普遍开放", "普通公开"),
        "有条件开放": (
            "有条件开放", "有条件", "依申请开放", "申请开放", "申请后开放", "受限开放", "受限申请", "需申请",
            "实名制开放", "半开放",
        ),
        "不予开放": ("不予开放", "不开放", "暂不开放"),
    }.items()
    for word in words
}  # fmt: skip
# Headings by which a column is proposed for an element: the more usual ones first.
HEADINGS: dict[str, tuple[str, ...]] = {
    "title": (
        "信息资源名称", "资源名称", "数据集名称", "目录名称", "资源信息名称", "标题", "数据名称", "名称", "title",
        "subjectbasename", "name",
    ),
    "english_name": ("英文名称",),
    "code": ("信息资源代码", "资源代码", "目录代码", "code"),
    "provider": (
        "信息资源提供方", "资源提供方", "数据提供方", "提供单位", "提供部门", "来源部门", "数源单位", "提供机构",
        "提供方", "所属部门", "所属单位", "发布部门", "资源提供单位信息", "机构分类", "orgname", "organization",
    ),
    "provider_code": ("资源提供方代码", "提供方代码"),
    "summary": (
        "信息资源摘要", "资源摘要", "数据摘要", "目录摘要", "摘要信息", "摘要描述", "摘要", "资源描述", "数据简介",
        "服务描述", "内容简介", "描述", "简介", "资源说明", "数据说明", "说明", "description", "tableremark", "notes",
    ),
    "format": (
        "信息资源格式", "资源格式", "数据格式", "格式类型", "下载格式", "资源类型", "格式", "datatype",
        "format",
    ),
    "sharing_type": ("共享类型", "共享属性"),
    "sharing_condition": ("共享条件",),
    "opening_type": (
        "开放类型", "开放属性", "开放状态", "是否向社会开放", "开放方式", "开放等级", "公开属性", "开放条件",
        "opentypename",
    ),
    "update_cycle": ("更新周期", "更新频率", "更新频度", "资源更新频率", "frequency", "accrualperiodicity"),
    "published_on": (
        "发布日期", "首次发布日期", "发布时间", "目录发布时间", "上线日期", "上传时间", "创建时间", "数据集创建时间",
        "创建日期", "releasetime", "issued",
    ),
    "theme": (
        "主题名称", "主题分类", "所属主题", "数据主题", "开放主题", "主题", "数据领域", "重点领域", "领域名称",
        "领域分类", "所属领域", "开放领域", "领域", "国家主题分类", "fieldname", "theme",
    ),
    "contact_name": ("联系人",),
    "contact_phone": ("联系电话", "部门电话", "联系方式", "技术支持电话", "orgphone", "phone"),
    "online_address": ("在线资源链接地址", "详情页网址", "网址", "url", "landingpage"),
    "item.name": ("信息项名称", "字段名称", "字段中文名", "数据项名称"),
    "item.column": ("字段英文名", "字段名"),
    "item.data_type": ("数据类型", "字段类型"),
    "item.length": ("数据长度", "字段长度", "长度"),
}  # fmt: skip
ITEM_LISTS = ("信息项", "数据项", "字段列表", "包含字段", "字段")
