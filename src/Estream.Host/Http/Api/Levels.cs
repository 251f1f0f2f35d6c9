using Estream.Circuits;

namespace Estream.Host.Http;

/// <summary>Levels of observation as the configuration and the API say them.</summary>
internal static class Levels
{
    public static readonly string[] All = [.. Enum.GetValues<ObservationLevel>().Select(TextOf)];

    public static string TextOf(ObservationLevel level) => $"L{(int)level}";

    public static bool TryParse(string? text, out ObservationLevel level)
    {
        int index = Array.IndexOf(All, text);
        level = (ObservationLevel)Math.Max(0, index);
        return index >= 0;
    }
}
