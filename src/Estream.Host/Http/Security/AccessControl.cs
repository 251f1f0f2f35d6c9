using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Estream.Crypto;
using Estream.Host.Configuration;

namespace Estream.Host.Http;

/// <summary>Who makes a request.</summary>
/// <param name="Name">The name of the token, or how the requester is known without one.</param>
/// <param name="Role">What the requester may do.</param>
/// <param name="IsByCookie">Whether a browser sent its cookie, which it also does for requests that the user did not make.</param>
internal sealed record Identity(string Name, AccessRole Role, bool IsByCookie = false);

/// <summary>
/// Finds out who makes a request: by <c>Authorization: Bearer TOKEN</c>, by <c>Basic</c> with the token as the password, by the cookie of a
/// session of the console, by the Unix socket, or by a connection from this machine. Thread-safe.
/// </summary>
internal sealed class AccessControl(HttpSettings settings, TimeProvider time)
{
    private const int MaxHeaderLength = 8192;

    private readonly byte[]? _configured = settings.Token is { } token ? Hash(token) : null;
    private readonly TokenCache? _tokens = settings.TokensFile is { } file ? new TokenCache(file, time) : null;

    /// <summary>The sessions of browsers that have signed in.</summary>
    public BrowserSessions Sessions { get; } = new(time);

    /// <summary>Who makes a request; null if credentials are wrong, or none are given and some are needed.</summary>
    public Identity? Identify(HttpContext context)
    {
        string? authorization = context.Request.Headers.Authorization;
        if (!string.IsNullOrEmpty(authorization))
        {
            return PresentedIn(authorization) is { } token ? IdentityOf(token) : null;
        }

        if (context.Request.Cookies.TryGetValue(BrowserSessions.Cookie, out string? session)
            && Sessions.TryFind(session, out string? signedInWith))
        {
            // The token may have been revoked since.
            return IdentityOf(signedInWith) is { } identity ? identity with { IsByCookie = true } : null;
        }

        if (HttpListeners.Of(context) == Listener.Socket)
        {
            // The mode of the socket lets in the user the host runs as, who may do all that the host may.
            return new Identity("the user of the host", AccessRole.Admin);
        }

        return IsFromThisMachine(context) && settings.LoopbackRole > AccessRole.None
            ? new Identity("this machine", settings.LoopbackRole)
            : null;
    }

    /// <summary>The token in an Authorization header; null if there is none.</summary>
    public static string? PresentedIn(string authorization)
    {
        if (authorization.Length > MaxHeaderLength
            || !AuthenticationHeaderValue.TryParse(authorization, out AuthenticationHeaderValue? header)
            || string.IsNullOrEmpty(header.Parameter))
        {
            return null;
        }

        return header.Scheme.ToUpperInvariant() switch
        {
            "BEARER" => header.Parameter,
            "BASIC" => PasswordOf(header.Parameter),
            _ => null,
        };
    }

    private Identity? IdentityOf(string token)
    {
        if (_configured is not null && CryptographicOperations.FixedTimeEquals(Hash(token), _configured))
        {
            return new Identity("the configured token", AccessRole.Admin);
        }

        return _tokens?.Current.TryFind(token, time.GetUtcNow(), out AccessToken? found) == true
            ? new Identity(found.Name.Length > 0 ? found.Name : found.Id, found.Role)
            : null;
    }

    private static bool IsFromThisMachine(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
        && !ForwardedRequests.IsForwarded(context) && HostNames.IsLoopback(context.Request.Host.Host);

    private static string? PasswordOf(string encoded)
    {
        byte[] bytes = new byte[encoded.Length];
        if (!Convert.TryFromBase64String(encoded, bytes, out int length))
        {
            return null;
        }

        string pair = Encoding.UTF8.GetString(bytes, 0, length);
        int colon = pair.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : pair[(colon + 1)..];
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
