using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Estream.Marketplace.Server;

/// <summary>How the server writes JSON: camelCase, without members that are null.</summary>
internal static class MarketplaceJson
{
    /// <summary>The options of every answer, and of the columns with JSON.</summary>
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Returns a value as text.</summary>
    public static string Text<T>(T value) => JsonSerializer.Serialize(value, Options);

    /// <summary>Reads a text of <see cref="Text"/>.</summary>
    public static T Read<T>(string text) => JsonSerializer.Deserialize<T>(text, Options)!;
}
