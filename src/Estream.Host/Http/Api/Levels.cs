using Estream.Circuits;

namespace Estream.Host.Http;

/// <summary>The names of observation levels in the configuration and the API.</summary>
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
