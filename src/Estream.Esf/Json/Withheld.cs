namespace Estream.Esf.Json;

/// <summary>The JSON form of a withheld private value: an object with one member.</summary>
internal static class Withheld
{
    public const string Member = "$withheld";

    /// <summary>Whether the next value is a withheld private value, judged by the first member of the object.</summary>
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
