using System.Globalization;

namespace Estream.Wire.Tools.Recording;

/// <summary>A host and a port, such as broker:1883, 127.0.0.1:0 or [::1]:1883.</summary>
internal sealed record WireAddress(string Host, int Port)
{
    /// <exception cref="WireToolException">The text is not an address.</exception>
    public static WireAddress Parse(string option, string text, int leastPort)
    {
        int colon = text.LastIndexOf(':');
        string host = colon > 0 ? text[..colon].TrimStart('[').TrimEnd(']') : "";
        bool isPort = int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port);
        return host.Length > 0 && isPort && port >= leastPort && port <= ushort.MaxValue
            ? new WireAddress(host, port)
            : throw new WireToolException($"{option} takes HOST:PORT, such as 127.0.0.1:1883, not '{text}'");
    }

    /// <summary>Parses HOST or HOST:PORT.</summary>
    /// <exception cref="WireToolException">The text is not an address.</exception>
    public static WireAddress ParseWithDefault(string option, string text, int defaultPort)
    {
        // The colons of a bare IPv6 address are inside its brackets.
        bool hasPort = text.LastIndexOf(':') > text.LastIndexOf(']');
        return Parse(option, hasPort ? text : $"{text}:{defaultPort}", leastPort: 1);
    }

    public override string ToString()
    {
        return Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
    }
}

/// <summary>The protocol of a connection, which determines the passwords to hide and the fields that differ between
/// runs.</summary>
internal enum WireProtocol
{
    /// <summary>Any protocol; nothing is hidden.</summary>
    Any,

    /// <summary>A protocol without passwords, such as Modbus and DNP3.</summary>
    WithoutSecrets,

    /// <summary>FHIR and other HTTP/1.1: headers have tokens and cookies.</summary>
    Http,

    /// <summary>MQTT: the first packet of a client has the password.</summary>
    Mqtt,

    /// <summary>FIX: passwords are in fields, and each message has its time of sending.</summary>
    Fix,
}
