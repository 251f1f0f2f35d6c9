using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Estream.Cli.Tune;

/// <summary>Reads and writes the kernel settings in /proc and /sys. Tests pass a folder with a copy of these trees.</summary>
/// <param name="root">The folder that contains <c>proc</c> and <c>sys</c>: "/" outside tests.</param>
/// <param name="beforeWrite">Called with each path before the write; for tests.</param>
internal sealed class MachineFiles(string root, Action<string>? beforeWrite = null)
{
    private const int MaxBytes = 64 << 10;

    /// <summary>Reads a file without the white space at its ends.</summary>
    /// <returns>Null if the file does not exist or cannot be read.</returns>
    public string? TryReadText(string path)
    {
        try
        {
            using SafeFileHandle file = File.OpenHandle(Locate(path));
            byte[] buffer = new byte[MaxBytes];
            int length = 0;
            int read;
            while (length < buffer.Length && (read = RandomAccess.Read(file, buffer.AsSpan(length), length)) > 0)
            {
                length += read;
            }

            return Encoding.UTF8.GetString(buffer, 0, length).Trim();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Reads the value of a setting. In a list of choices such as <c>always [madvise] never</c>, the value is the
    /// word in brackets.</summary>
    /// <returns>Null if the setting does not exist or cannot be read.</returns>
    public string? TryReadValue(string path)
    {
        string? text = TryReadText(path);
        int start = text?.IndexOf('[', StringComparison.Ordinal) ?? -1;
        int end = text?.IndexOf(']', StringComparison.Ordinal) ?? -1;
        return start >= 0 && end > start ? text![(start + 1)..end] : text;
    }

    /// <summary>Sets a value.</summary>
    /// <returns>Null if the setting has the value; otherwise the answer of the kernel.</returns>
    public string? TryWriteValue(string path, string value)
    {
        beforeWrite?.Invoke(path);
        try
        {
            using FileStream file = new(Locate(path), FileMode.Truncate, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            file.Write(Encoding.UTF8.GetBytes(value));
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return refused.Message;
        }

        string? now = TryReadValue(path);
        return now == value ? null : $"the kernel keeps {now}";
    }

    /// <summary>Lists the names in a folder that consist of a prefix and a number, in the order of the numbers.</summary>
    public IReadOnlyList<string> ListNumbered(string folder, string prefix) =>
        [.. List(folder)
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal) && int.TryParse(name.AsSpan(prefix.Length), out _))
            .OrderBy(name => int.Parse(name.AsSpan(prefix.Length), System.Globalization.CultureInfo.InvariantCulture))];

    /// <summary>Lists the names in a folder; none if the folder does not exist.</summary>
    public IReadOnlyList<string> List(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(Locate(folder)).Select(path => Path.GetFileName(path))
                .Order(StringComparer.Ordinal)];
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    public bool Exists(string path) => Path.Exists(Locate(path));

    private string Locate(string path) => Path.Join(root, path);
}
