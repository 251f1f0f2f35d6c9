namespace Estream.Esf.Schema;

/// <summary>The words of the schema language for stream patterns.</summary>
internal static class PatternNames
{
    public static readonly string[] All = ["event", "state", "signal", "curated", "log", "media", "transaction", "mpc_session"];

    public static bool TryGet(string name, out StreamPattern pattern)
    {
        int index = Array.IndexOf(All, name);
        pattern = index < 0 ? default : (StreamPattern)index;
        return index >= 0;
    }
}
