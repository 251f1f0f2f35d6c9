using System.Text.Json.Nodes;

namespace Estream.Wire.Mqtt.Tests.Judges;

/// <summary>A generated packet other than PUBLISH.</summary>
/// <param name="Version">5, or 4 for 3.1.1.</param>
/// <param name="Wanted">What it says, in the words of mqtt-packet, with bytes as hexadecimal digits.</param>
/// <param name="Ours">As we write it; null for one that is the other side's to write.</param>
/// <param name="IsRead">Whether we read it when the other side has written it.</param>
internal sealed record PacketCase(int Version, JsonObject Wanted, byte[]? Ours, bool IsRead)
{
    // We check these and nobody asks for them, so what we have read does not have them.
    private static readonly string[] s_passedOver =
        ["userProperties", "wildcardSubscriptionAvailable", "subscriptionIdentifiersAvailable", "sharedSubscriptionAvailable"];

    /// <summary>What is wanted, in one line that is the same for the same content.</summary>
    public string WantedText => Text(Wanted);

    /// <summary>The same without what we pass over.</summary>
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

    /// <summary>An object in one line, its members in the order of their names.</summary>
    public static string Text(JsonNode? node) => node switch
    {
        JsonObject members => $"{{{string.Join(',', members.OrderBy(one => one.Key, StringComparer.Ordinal).Select(Member))}}}",
        JsonArray items => $"[{string.Join(',', items.Select(Text))}]",
        _ => node?.ToJsonString() ?? "null",
    };

    private static string Member(KeyValuePair<string, JsonNode?> member) => $"{member.Key}:{Text(member.Value)}";

    /// <summary>An object of the members that have a value; null where none has.</summary>
    public static JsonObject? Some(params (string Name, JsonNode? Value)[] members)
    {
        JsonObject made = Of(members);
        return made.Count == 0 ? null : made;
    }

    /// <summary>An object of the members that have a value.</summary>
    public static JsonObject Of(params (string Name, JsonNode? Value)[] members)
    {
        return new JsonObject(members.Where(member => member.Value is not null)
            .Select(member => KeyValuePair.Create(member.Name, member.Value)));
    }

    /// <summary>Bytes as hexadecimal digits; null for none.</summary>
    public static JsonNode? Hex(byte[]? bytes) => bytes is null ? null : Convert.ToHexStringLower(bytes);
}
