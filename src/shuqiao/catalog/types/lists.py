"""Value lists of the national catalogue guide (发改高技〔2017〕1272号) and of the decree."""

from __future__ import annotations

from django.db.models import TextChoices

from shuqiao import law

BASIS_LEVELS = tuple((level.value, level.label) for level in law.BasisLevel)


class Kind(TextChoices):
    """类, the first digit of the classification code (1, 2, 3)."""

    BASE = "base", "基础"
    THEME = "theme", "主题"
    DEPARTMENT = "department", "部门"

    @property
    def digit(self) -> str:
        """The first digit of codes of this kind."""
        return {"base": "1", "theme": "2", "department": "3"}[self.value]

    @classmethod
    def of_code(cls, code: str) -> Kind | None:
        """The kind a classification code speaks of, by its first digit."""
        return next((kind for kind in cls if code.startswith(kind.digit)), None)


class BaseDomain(TextChoices):
    """The base data of Yingkou 19, Shenyang 19: common need of all departments."""

    NONE = "", "不属于基础数据"
    POPULATION = "population", "人口"
    LEGAL_PERSON = "legal_person", "法人单位"
    NATURAL_GEOGRAPHY = "natural_geography", "自然资源和空间地理"
    E_CERTIFICATE = "e_certificate", "电子证照"


class FormatCategory(TextChoices):
    """信息资源格式分类. `FORMAT_TYPES` lists the types of each."""

    ELECTRONIC_FILE = "electronic_file", "电子文件"
    SPREADSHEET = "spreadsheet", "电子表格"
    DATABASE = "database", "数据库"
    GRAPHICS = "graphics", "图形图像"
    STREAMING = "streaming", "流媒体"
    SELF_DESCRIBING = "self_describing", "自描述格式"
    SERVICE_INTERFACE = "service_interface", "服务接口"

    @property
    def is_table(self) -> bool:
        """Made of records, so that its data items must be listed (guide, element 8)."""
        return self in {FormatCategory.SPREADSHEET, FormatCategory.DATABASE, FormatCategory.SERVICE_INTERFACE}

    @property
    def is_file(self) -> bool:
        """Exists only as files, so that it can only be shared as file."""
        return self in {
            FormatCategory.ELECTRONIC_FILE,
            FormatCategory.SPREADSHEET,
            FormatCategory.GRAPHICS,
            FormatCategory.STREAMING,
        }


FORMAT_TYPES: dict[FormatCategory, tuple[str, ...]] = {
    FormatCategory.ELECTRONIC_FILE: ("OFD", "wps", "xml", "txt", "doc", "docx", "html", "pdf", "ppt", "json"),
    FormatCategory.SPREADSHEET: ("et", "xls", "xlsx", "csv"),
    FormatCategory.DATABASE: (
        "Dm", "KingbaseES", "access", "dbf", "dbase", "sysbase", "oracle", "sql server", "db2",
        "GaussDB", "POLARDB", "HighGo", "MySQL", "PostgreSQL",
    ),
    FormatCategory.GRAPHICS: ("jpg", "gif", "bmp", "png", "shp", "geojson", "tiff"),
    FormatCategory.STREAMING: ("swf", "rm", "mpg", "mp4"),
    FormatCategory.SELF_DESCRIBING: (),
    FormatCategory.SERVICE_INTERFACE: ("REST", "WebService"),
}  # fmt: skip


class DataType(TextChoices):
    """The eleven data types of data items."""

    C = "C", "字符型C"
    N = "N", "数值型N"
    Y = "Y", "货币型Y"
    D = "D", "日期型D"
    T = "T", "日期时间型T"
    L = "L", "逻辑型L"
    M = "M", "备注型M"
    G = "G", "通用型G"
    B = "B", "双精度型B"
    I = "I", "整型I"  # noqa: E741 - the letter of the standard
    F = "F", "浮点型F"


class SharingType(TextChoices):
    """共享属性 (Yingkou 17, Shenyang 18, Decree 14)."""

    UNCONDITIONAL = "unconditional", "无条件共享"
    CONDITIONAL = "conditional", "有条件共享"
    NONE = "none", "不予共享"


class OpeningType(TextChoices):
    """开放属性 (Yingkou 28, Shenyang 24, Dongchangfu 21); a regime may call them otherwise."""

    UNCONDITIONAL = "unconditional", "无条件开放"
    CONDITIONAL = "conditional", "有条件开放"
    CLOSED = "closed", "不予开放"


class UpdateCycle(TextChoices):
    """更新周期: of structured data, that of its fastest-changing item."""

    REALTIME = "realtime", "实时"
    DAILY = "daily", "每日"
    WEEKLY = "weekly", "每周"
    TEN_DAYS = "ten_days", "每旬"
    MONTHLY = "monthly", "每月"
    QUARTERLY = "quarterly", "每季度"
    HALF_YEARLY = "half_yearly", "每半年"
    YEARLY = "yearly", "每年"
    IRREGULAR = "irregular", "不定期"
    NEVER = "never", "不更新"


class MethodCategory(TextChoices):
    """共享方式分类; the sharing platform comes first."""

    PLATFORM = "platform", "共享平台"
    MAIL = "mail", "邮件"
    DISK = "disk", "拷盘"
    MEDIA = "media", "介质交换"


class MethodType(TextChoices):
    """共享方式类型."""

    DATABASE = "database", "数据库"
    FILE = "file", "文件"
    INTERFACE = "interface", "接口"
    PAPER = "paper", "纸质"
    ELECTRONIC = "electronic", "电子介质"


class OpeningMethod(TextChoices):
    """开放方式 (Yingkou 14)."""

    DOWNLOAD = "download", "平台下载"
    INTERFACE = "interface", "平台接口"
    ON_APPLICATION = "on_application", "依申请提供"


class SecrecyMark(TextChoices):
    """What keeps a thing out of the catalogue (Decree 2, 3; Dongchangfu 2). Values are the law package's words."""

    NONE = "", "不涉密"
    WORK_SECRET = "work_secret", "工作秘密"
    STATE_SECRET = "state_secret", "国家秘密"
    DISCLOSURE_ITEM = "information_disclosure", "政府信息公开事项"


class Grade(TextChoices):
    """数据分级 (Data Security Law Art. 21; Decree 13(2))."""

    GENERAL = "general", "一般数据"
    IMPORTANT = "important", "重要数据"
    CORE = "core", "核心数据"


class Sensitive(TextChoices):
    """What kind of personal datum an item holds."""

    NONE = "", "非个人敏感"
    NAME = "name", "姓名"
    ID_NUMBER = "id_number", "证件号码"
    MOBILE = "mobile", "联系电话"
    ADDRESS = "address", "住址"
    ACCOUNT = "account", "账号"
    HEALTH = "health", "健康状况"
    OTHER = "other", "其他个人信息"
