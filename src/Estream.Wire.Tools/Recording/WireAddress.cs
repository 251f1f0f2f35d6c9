using System.Globalization;

namespace Estream.Wire.Tools.Recording;

/// <summary>A host and a port, as a command line names them: broker:1883, 127.0.0.1:0, [::1]:1883.</summary>
internal sealed record WireAddress(string Host, int Port)
{
    /// <exception cref="WireToolException">The text is no address.</exception>
    public static WireAddress Parse(string option, string text, int leastPort)
    {
        int colon = text.LastIndexOf(':');
        string host = colon > 0 ? text[..colon].TrimStart('[').TrimEnd(']') : "";
        bool isPort = int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port);
        return host.Length > 0 && isPort && port >= leastPort && port <= ushort.MaxValue
            ? new WireAddress(host, port)
            : throw new WireToolException($"{option} takes HOST:PORT, such as 127.0.0.1:1883, and not '{text}'");
    }

    public override string ToString()
    {
        return Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
    }
}

/// <summary>What is spoken on a wire, as far as a recording has to know: where its passwords are, and what no two runs have in
/// common.</summary>
internal enum WireProtocol
{
    /// <summary>Anything; nothing is hidden.</summary>
    Any,

    /// <summary>MQTT: passwords stand in the first packet of a client.</summary>
    Mqtt,

    /// <summary>FIX: passwords are fields of their own, and each message says when it was sent.</summary>
    Fix,
}
