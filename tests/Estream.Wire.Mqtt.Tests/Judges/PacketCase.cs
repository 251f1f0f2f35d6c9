using System.Text.Json.Nodes;

namespace Estream.Wire.Mqtt.Tests.Judges;

/// <summary>A generated packet other than PUBLISH.</summary>
/// <param name="Version">The protocol level: 5, or 4 for 3.1.1.</param>
/// <param name="Wanted">The content in the notation of mqtt-packet, with bytes as hexadecimal digits.</param>
/// <param name="Ours">The packet as the product writes it; null if only the other side writes it.</param>
/// <param name="IsRead">Whether the product reads the packet that the other side has written.</param>
internal sealed record PacketCase(int Version, JsonObject Wanted, byte[]? Ours, bool IsRead)
{
    // The product checks these properties and discards them, so a packet as read by the product does not have them.
    private static readonly string[] s_passedOver =
        ["userProperties", "wildcardSubscriptionAvailable", "subscriptionIdentifiersAvailable", "sharedSubscriptionAvailable"];

    /// <summary>The wanted content as one line in canonical form.</summary>
    public string WantedText => Text(Wanted);

    /// <summary>The wanted content without the properties that the product discards.</summary>
    public string KeptText
    {
        get
        {
            JsonObject kept = Wanted.DeepClone().AsObject();
            if (kept["properties"] is JsonObject properties)
            {
                Array.ForEach(s_passedOver, name => properties.Remove(name));
                if (properties.Count == 0)
                {
                    kept.Remove("properties");
                }
            }

            return Text(kept);
        }
    }

    /// <summary>Formats an object as one line, with its members sorted by name.</summary>
    public static string Text(JsonNode? node) => node switch
    {
        JsonObject members => $"{{{string.Join(',', members.OrderBy(one => one.Key, StringComparer.Ordinal).Select(Member))}}}",
        JsonArray items => $"[{string.Join(',', items.Select(Text))}]",
        _ => node?.ToJsonString() ?? "null",
    };

    private static string Member(KeyValuePair<string, JsonNode?> member) => $"{member.Key}:{Text(member.Value)}";

    /// <summary>Creates an object of the members that have a value; null if none has.</summary>
    public static JsonObject? Some(params (string Name, JsonNode? Value)[] members)
    {
        JsonObject made = Of(members);
        return made.Count == 0 ? null : made;
    }

    /// <summary>Creates an object of the members that have a value.</summary>
    public static JsonObject Of(params (string Name, JsonNode? Value)[] members)
    {
        return new JsonObject(members.Where(member => member.Value is not null)
            .Select(member => KeyValuePair.Create(member.Name, member.Value)));
    }

    /// <summary>Formats bytes as hexadecimal digits; null for none.</summary>
    public static JsonNode? Hex(byte[]? bytes) => bytes is null ? null : Convert.ToHexStringLower(bytes);
}
