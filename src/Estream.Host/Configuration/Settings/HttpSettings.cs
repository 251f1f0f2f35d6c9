using System.Net;

namespace Estream.Host.Configuration;

/// <summary>Where console, REST, health and metrics are served. <paramref name="Token"/> is null on loopback unless set.</summary>
internal sealed record HttpSettings(IPAddress Address, int Port, string? Token)
{
    public const int DefaultPort = 5080;

    public bool IsLoopback => IPAddress.IsLoopback(Address);

    /// <summary>Keeps the token out of logs, whoever prints the settings.</summary>
    public override string ToString() => $"{Address}:{Port}{(Token is null ? "" : " (token set)")}";
}
