namespace Estream.Queue.Internal;

/// <summary>Validates tailer names, which become file names.</summary>
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
                $"'{name}' is not a valid tailer name: use 1 to {MaxLength} ASCII letters, digits, '-', '_' or '.', not starting with '.'.",
                nameof(name));
        }
    }
}
