"""Signing in, and registering, by a city's identity service (统一身份认证, OpenID Connect).

`protocol` talks to the service and believes nothing that is not signed for this platform and this sign-in;
`services` turns a proved identity into a registration. Off unless the installation names a service.
"""
