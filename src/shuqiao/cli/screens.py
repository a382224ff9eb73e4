"""Which pages carry which term, rule or article: the addresses that the regulations' reference pages name."""

from __future__ import annotations

from collections.abc import Mapping

# A term or rule, or "pack:article" for what no rule states → names of addresses. Names that lead nowhere are refused.
SCREENS: Mapping[str, tuple[str, ...]] = {
    "catalog.review": ("catalog:review", "catalog:revision", "portal:inbox"),
    "catalog.update": ("catalog:duties", "catalog:duty"),
    "catalog.none.basis": ("catalog:edit", "catalog:revision"),
    "catalog.conditional.basis": ("catalog:edit", "catalog:revision"),
    "catalog.secret.refused": ("catalog:edit",),
    "catalog.metadata.required": ("catalog:edit", "catalog:upload"),
    "catalog.base_items.unconditional": ("catalog:edit",),
    "catalog.quarterly": ("catalog:campaigns", "catalog:campaign"),
    "catalog.sign_off": ("catalog:revision",),
    "catalog.theme": ("catalog:themes", "catalog:theme"),
    "catalog.duplicates": ("catalog:pairs", "catalog:pair"),
    "catalog.one_source": ("catalog:spread", "catalog:sources"),
    "catalog.emergency": ("catalog:emergencies",),
    "collecting.no_repeat": ("sharing:collecting",),
    "sharing.reply.unconditional": ("sharing:of-entry", "sharing:use"),
    "sharing.reply.conditional": ("sharing:request", "sharing:answer", "portal:inbox"),
    "sharing.delivery": ("sharing:request", "sharing:deliver"),
    "sharing.request.content": ("sharing:new", "sharing:edit"),
    "sharing.reply.sign_off": ("sharing:answer",),
    "sharing.refusal.basis": ("sharing:answer",),
    "sharing.one_notice": ("sharing:answer",),
    "sharing.scope.not_wider": ("sharing:answer", "delivery:grant"),
    "sharing.onward_transfer": ("sharing:edit", "sharing:answer", "delivery:use"),
    "sharing.purpose_bound": ("sharing:edit", "delivery:grant"),
    "sharing.unconditional.direct": ("sharing:of-entry",),
    "sharing.dispute": ("sharing:disputes", "sharing:dispute"),
    "sharing.dispute.coordinate": ("sharing:dispute",),
    "sharing.demand": ("sharing:demands", "sharing:demand"),
    "sharing.demand.reply": ("sharing:demand",),
    "sharing.outside": ("outside:apply", "sharing:outside-list", "sharing:outside"),
    "sharing.outside.reply": ("sharing:outside",),
    "sharing.emergency": ("sharing:emergencies", "sharing:emergency"),
    "sharing.emergency.review": ("sharing:emergency",),
    "sharing.return_flow": ("sharing:returns", "sharing:return-new"),
    "delivery.end.filing": ("delivery:grant", "delivery:file-stop"),
    "delivery.misuse.suspend": ("delivery:grant", "delivery:suspend"),
    "delivery.correction": ("delivery:use",),
    "delivery.disposal": ("delivery:use",),
    "delivery.use.report": ("delivery:use",),
    "verification.reply": ("sharing:verification", "sharing:verification-answer"),
    "verification.correction": ("sharing:verification",),
    "verification.request": ("sharing:verification-of-resource", "sharing:verification-new"),
    "verification.answer": ("sharing:verification-answer",),
    "verification.citizen": ("sharing:verification-serve",),
    "resources.recheck": ("resources:version", "resources:publish"),
    "opening.reply": ("opening:application", "opening:applications", "portal:inbox"),
    "opening.secrecy_check": ("opening:reviews", "opening:review"),
    "opening.application": ("opening:apply", "opening:application", "opening:applications"),
    "opening.refusal.reason": ("opening:application",),
    "opening.written_reply": (
        "opening:application",
        "opening:application-reply-docx",
        "opening:application-reply-pdf",
    ),
    "opening.research": ("opening:apply", "opening:application"),
    "opening.commercial": ("opening:apply", "opening:competitions"),
    "opening.use": ("opening:application",),
    "opening.citation": ("opening:entry", "opening:application"),
    "opening.unconditional.no_login": ("opening:home", "opening:entry"),
    "opening.basis.public": ("opening:basis",),
    "opening.priority": ("opening:priority", "opening:search"),
    "opening.lists": ("opening:open-list", "opening:basis"),
    "opening.correction": ("opening:say", "opening:feedback"),
    "opening.demand": ("opening:demand",),
    "opening.works": ("opening:works", "opening:work"),
    "evidence.use_log": ("delivery:grant", "delivery:who"),
    "evidence.paper_equal": ("delivery:receipts", "delivery:receipt"),
    "organizations.filing": ("organizations:filings", "organizations:file"),
    "organizations.sharing_body": ("organizations:filings",),
    "catalog.bureau_review": ("catalog:review", "catalog:revision"),
    "catalog.update.triggers": ("catalog:duties", "catalog:duty"),
    "sharing.modes": ("sharing:new", "delivery:grant"),
    "sharing.no_own_conditions": ("sharing:answer",),
    "resources.quality": ("resources:version",),
    "yingkou-2022:6": ("organizations:departments", "portal:supervision"),
    "yingkou-2022:36": ("portal:supervision", "portal:statistics"),
    "yingkou-2022:37": ("portal:supervision",),
    "shenyang-2020:34": ("portal:supervision",),
    "national-2025:21": ("portal:inbox", "portal:supervision", "portal:statistics"),
    "national-2025:38": ("portal:supervision", "portal:statistics"),
}


def addresses() -> dict[str, list[str]]:
    """The same with the addresses themselves. Raises LookupError for a name that leads nowhere."""
    from django.urls import URLPattern, URLResolver, get_resolver

    routes: dict[str, str] = {}

    def walk(patterns: list[URLPattern | URLResolver], space: str, route: str) -> None:
        for pattern in patterns:
            here = route + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                walk(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else space, here)
            else:
                routes.setdefault(f"{space}{pattern.name}", f"/{here}")

    walk(get_resolver().url_patterns, "", "")
    unknown = sorted({name for names in SCREENS.values() for name in names} - set(routes))
    if unknown:
        raise LookupError(f"no such address: {', '.join(unknown)}")
    return {key: [routes[name] for name in names] for key, names in SCREENS.items()}
