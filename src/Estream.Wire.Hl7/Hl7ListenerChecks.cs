using System.Net;
using Estream.Esf;

namespace Estream.Wire.Hl7;

/// <summary>Checks the options of a listener.</summary>
internal static class Hl7ListenerChecks
{
    private const int MaxMappings = 256;

    /// <exception cref="WireConfigurationException">An option is not accepted.</exception>
    public static void Check(Hl7ListenerOptions options)
    {
        Range("Port", options.Port, 0, ushort.MaxValue);
        Range("MaxConnections", options.MaxConnections, 1, 100_000);
        Range("MaxConnectionsPerAddress", options.MaxConnectionsPerAddress, 0, 100_000);
        Range("IdleSeconds", options.IdleSeconds, 0, 86_400);
        Range("MessageSeconds", options.MessageSeconds, 1, 3_600);
        Range("MaxBufferedBytes", options.MaxBufferedBytes, 1024 * 1024, int.MaxValue);
        bool asks = options.Tls is { ClientCaFile: not null } or { ClientPins.Count: > 0 };
        if (!IPAddress.IsLoopback(options.Address) && !asks && !options.UnsafeAllowAnyPeer)
        {
            throw new WireConfigurationException(
                "Address",
                $"{options.Address} can be reached from other machines, and MLLP has no login. Set Tls:ClientCaFile or Tls:ClientPins, use "
                + "127.0.0.1, or set UnsafeAllowAnyPeer to true if the network admits trusted peers only.");
        }

        WirePeer.Check(options.Peers, options.Tls, IsMessages);
        if (!IsOffset(options.DefaultOffset))
        {
            throw new WireConfigurationException(
                "DefaultOffset", $"'{options.DefaultOffset}' is not accepted; write an offset from UTC, such as +01:00, or Z.");
        }

        if (options.Mappings.Count is 0 or > MaxMappings)
        {
            throw new WireConfigurationException("Mappings", $"has {options.Mappings.Count} entries; write 1 to {MaxMappings}.");
        }

        foreach (Hl7Mapping mapping in options.Mappings)
        {
            CheckMapping(mapping, options.PseudonymKey is not null);
        }
    }

    private static void CheckMapping(Hl7Mapping mapping, bool hasKey)
    {
        if (!Hl7Schemas.Own.TryGet(mapping.Schema.Name, out EsfSchema? known) || known.Id != mapping.Schema.Id
            || !Hl7Schemas.Stored.Contains(mapping.Schema.Name))
        {
            throw new WireConfigurationException(
                "Mappings",
                $"messages are not stored as {mapping.Schema.Name} of this version; write {string.Join(", ", Hl7Schemas.Stored[..^1])} or "
                + $"{Hl7Schemas.Stored[^1]} of the pack esf-health 1.0.");
        }

        if (!IsMessages(mapping.Messages))
        {
            throw new WireConfigurationException(
                "Mappings", $"'{mapping.Messages}' in Messages is not accepted; write a message type and a trigger event, such as ADT/A01, "
                + "with + for any, or # for all messages.");
        }

        if (!hasKey && mapping.Schema.Name is not (Hl7Schemas.Message or Hl7Schemas.Header))
        {
            throw new WireConfigurationException(
                "PseudonymKeyFile", $"is required for messages of {mapping.Schema.Name}, whose ids are pseudonyms. Write a file with mode "
                + "600 and 32 random characters, and use the same file for all adapters with the same patients.");
        }
    }

    private static bool IsMessages(string text) =>
        text == "#" || (text.Split('/') is { Length: 2 } levels && levels.All(level => level is "+" || IsName(level)));

    private static bool IsName(string level) =>
        level.Length == Codec.Hl7Segment.NameLength && level.All(one => char.IsAsciiLetterUpper(one) || char.IsAsciiDigit(one));

    private static bool IsOffset(string text) =>
        text is "" or "Z" || (text.Length == 6 && text[0] is '+' or '-' && text[3] == ':' && char.IsAsciiDigit(text[1])
            && char.IsAsciiDigit(text[2]) && char.IsAsciiDigit(text[4]) && char.IsAsciiDigit(text[5]));

    private static void Range(string key, int value, int min, int max)
    {
        if (value < min || value > max)
        {
            throw new WireConfigurationException(key, $"{value} is not accepted; write a whole number from {min} to {max}.");
        }
    }
}
