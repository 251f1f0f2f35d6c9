using System.Diagnostics.CodeAnalysis;

namespace Estream.Wire.OpcUa.Transport;

/// <summary>The URL of an endpoint: opc.tcp://HOST:PORT/PATH (Part 6, 7.2).</summary>
/// <param name="Text">The whole URL.</param>
/// <param name="Host">The host, without brackets.</param>
/// <param name="Port">The port.</param>
internal sealed record EndpointUrl(string Text, string Host, int Port)
{
    private const int DefaultPort = 4_840;
    private const string Scheme = "opc.tcp";

    public static bool TryParse(string? text, [NotNullWhen(true)] out EndpointUrl? url)
    {
        url = null;
        if (text is null || text.Length > UaLimits.MaxHeaderTextBytes || !Uri.TryCreate(text, UriKind.Absolute, out Uri? uri)
            || uri.Scheme != Scheme || uri.Host.Length == 0 || uri.UserInfo.Length > 0)
        {
            return false;
        }

        url = new EndpointUrl(text, uri.Host.Trim('[', ']'), uri.Port < 0 ? DefaultPort : uri.Port);
        return true;
    }
}
