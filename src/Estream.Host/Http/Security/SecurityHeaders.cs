using System.Buffers;

namespace Estream.Host.Http;

/// <summary>
/// The security headers of every response. The console has no inline scripts or styles and loads nothing from other origins, so it works
/// with the strictest policy. uPlot sizes its canvas through the style object of the element, which the policy does not restrict. The
/// console may frame only <c>/widgets/frame</c>, whose document has its own policy.
/// </summary>
internal static class SecurityHeaders
{
    private const string PermissionsPolicy = "Permissions-Policy";

    // The features that browsers know. A browser that does not know a feature ignores it.
    private static readonly string s_noPermissions = string.Join(", ", ((string[])
    [
        "accelerometer", "all-screens-capture", "ambient-light-sensor", "aria-notify", "attribution-reporting", "autoplay", "bluetooth",
        "browsing-topics", "camera", "captured-surface-control", "clipboard-read", "clipboard-write", "compute-pressure",
        "controlled-frame", "cross-origin-isolated", "deferred-fetch", "deferred-fetch-minimal", "device-attributes",
        "digital-credentials-create", "digital-credentials-get", "direct-sockets", "direct-sockets-private", "display-capture",
        "encrypted-media", "execution-while-not-rendered", "execution-while-out-of-viewport", "focus-without-user-activation",
        "fullscreen", "gamepad", "geolocation", "gyroscope", "haptics", "hid", "identity-credentials-get", "idle-detection",
        "interest-cohort", "join-ad-interest-group", "keyboard-map", "language-detector", "language-model", "local-fonts",
        "local-network", "local-network-access", "loopback-network", "magnetometer", "manual-text", "media-playback-while-not-visible",
        "microphone", "midi", "navigation-override", "on-device-speech-recognition", "otp-credentials", "payment", "picture-in-picture",
        "private-aggregation", "private-state-token-issuance", "private-state-token-redemption", "proofreader",
        "publickey-credentials-create", "publickey-credentials-get", "record-ad-auction-events", "rewriter", "run-ad-auction",
        "screen-wake-lock", "serial", "shared-storage", "shared-storage-select-url", "smart-card", "speaker-selection", "storage-access",
        "sub-apps", "summarizer", "sync-script", "sync-xhr", "tools", "translator", "unload", "usb", "usb-unrestricted",
        "vertical-scroll", "web-app-installation", "web-printing", "web-share", "window-management", "writer", "xr-spatial-tracking",
    ]).Select(feature => feature + "=()"));

    private static readonly SearchValues<char> s_hostCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-:");

    /// <summary>Returns the policy of the pages of the console.</summary>
    /// <param name="host">The header <c>Host</c> of the request. A policy cannot name an IPv6 address; it allows the whole origin
    /// then, whose other documents refuse to be framed.</param>
    public static string ContentSecurityPolicy(string? host)
    {
        bool isSource = !string.IsNullOrEmpty(host) && !host.AsSpan().ContainsAnyExcept(s_hostCharacters);
        string frames = isSource ? $"{host}/widgets/frame" : "'self'";
        return $"default-src 'self'; frame-src {frames}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";
    }

    public static void Add(IHeaderDictionary headers, string? host)
    {
        headers.ContentSecurityPolicy = ContentSecurityPolicy(host);
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers[PermissionsPolicy] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
        headers.CacheControl = "no-store";
    }

    /// <summary>Replaces the headers of a response by those of the frame of a widget: scripts of the document and of blobs run in an opaque
    /// origin, and nothing may be fetched or sent.</summary>
    public static void AddForFrame(IHeaderDictionary headers, string nonce)
    {
        headers.ContentSecurityPolicy = $"sandbox allow-scripts; default-src 'none'; script-src 'nonce-{nonce}' blob:; "
            + "style-src 'unsafe-inline'; img-src data: blob:; worker-src 'none'; base-uri 'none'; form-action 'none'; "
            + "frame-ancestors 'self'";
        headers.XFrameOptions = default;
        headers[PermissionsPolicy] = s_noPermissions;
        headers["Connection-Allowlist"] = "()";
        headers["X-DNS-Prefetch-Control"] = "off";
        // A process for each frame: a widget that loops stops neither the page nor another widget.
        headers["Document-Isolation-Policy"] = "isolate-and-require-corp";
    }

    /// <summary>Replaces the policy of a response by that of an SVG image of a component: it runs no scripts and loads nothing, even if a
    /// browser opens it as a page.</summary>
    public static void AddForDrawing(IHeaderDictionary headers) =>
        headers.ContentSecurityPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'";

    public static IApplicationBuilder UseSecurityHeaders(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        Add(context.Response.Headers, context.Request.Host.Value);
        return next(context);
    });
}
