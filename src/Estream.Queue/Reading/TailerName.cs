namespace Estream.Queue.Internal;

/// <summary>A tailer's name becomes a file name, so it is held to characters that are safe in one.</summary>
internal static class TailerName
{
    private const int MaxLength = 100;

    public static void Check(string name)
    {
        bool valid = name.Length is > 0 and <= MaxLength && name[0] != '.';
        foreach (char c in name)
        {
            valid &= char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.';
        }

        if (!valid)
        {
            throw new ArgumentException(
                $"'{name}' is no tailer name: use 1 to {MaxLength} ASCII letters, digits, '-', '_' or '.', not starting with '.'.",
                nameof(name));
        }
    }
}
