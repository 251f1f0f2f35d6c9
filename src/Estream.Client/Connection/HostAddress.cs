using System.Net;

namespace Estream.Client.Connection;

/// <summary>The address of a host: <c>estreams://HOST:PORT</c> (TLS), <c>estream://HOST:PORT</c> (TCP) or <c>unix:PATH</c>.</summary>
internal sealed record HostAddress(string Host, int Port, bool IsTls, string? SocketPath)
{
    /// <summary>The port if the address has none.</summary>
    public const int DefaultPort = 5082;

    /// <summary>Whether bytes stay on this machine.</summary>
    public bool IsLocal => SocketPath is not null || Host == "localhost" || (IPAddress.TryParse(Host, out IPAddress? ip)
        && IPAddress.IsLoopback(ip));

    /// <exception cref="ArgumentException">The scheme is unknown, or the URI has user info or a path.</exception>
    public static HostAddress Parse(Uri uri)
    {
        if (uri is { IsAbsoluteUri: true, Scheme: "unix", LocalPath: ['/', ..] })
        {
            return new HostAddress("", 0, IsTls: false, uri.LocalPath);
        }

        if (!uri.IsAbsoluteUri || uri.Scheme is not ("estream" or "estreams") || uri.Host.Length == 0 || uri.UserInfo.Length > 0
            || uri.AbsolutePath.Length > 1 || uri.Query.Length > 0)
        {
            throw new ArgumentException(
                "The address is not estreams://HOST:PORT, estream://HOST:PORT or unix:/PATH. A token is an option, not part of "
                + "the address.",
                nameof(uri));
        }

        return new HostAddress(uri.IdnHost.Trim('[', ']'), uri.Port > 0 ? uri.Port : DefaultPort, uri.Scheme == "estreams", null);
    }

    public override string ToString() => SocketPath is { } path ? $"unix:{path}" : $"{(IsTls ? "estreams" : "estream")}://{Host}:{Port}";
}
