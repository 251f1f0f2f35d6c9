namespace Estream.Core.Keys;

/// <summary>
/// Validates ids of master keys. An id appears in a file of the queue or map, in messages and in a text file, so it has plain
/// characters only.
/// </summary>
internal static class MasterKeyId
{
    public const int MaxLength = 32;

    public static bool IsValid(string id) =>
        id.Length is > 0 and <= MaxLength && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    /// <exception cref="ArgumentException">The id is not valid.</exception>
    public static void Check(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (!IsValid(id))
        {
            // The argument may be a key passed by mistake: the message does not repeat it.
            throw new ArgumentException($"A master key id must be 1 to {MaxLength} ASCII letters, digits, '-', '_' or '.'.", nameof(id));
        }
    }
}
