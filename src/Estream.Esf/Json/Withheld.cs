namespace Estream.Esf.Json;

/// <summary>How JSON says that a private value is withheld: an object with one member.</summary>
internal static class Withheld
{
    public const string Member = "$withheld";

    /// <summary>Whether the value that comes next is such an object, by its first member.</summary>
    public static bool IsNext(JsonCursor json)
    {
        if (json.Peek() != JsonToken.Object)
        {
            return false;
        }

        json.Take((byte)'{');
        json.Peek();
        return json.Rest.StartsWith("\"$withheld\""u8);
    }
}
