using System.Text;
using Estream.Core;

namespace Estream.Cli.Data;

/// <summary>Opens, reads and replaces files named on the command line. Checks the kind of file first, so a pipe cannot block the command
/// and a device is never replaced; each error says what to do.</summary>
internal static class NamedFile
{
    private const int FirstBytes = 64 << 10;

    /// <summary>Opens a file for reading.</summary>
    /// <exception cref="CliException">The file does not exist or is a folder.</exception>
    /// <exception cref="EstreamStorageException">The file is a pipe or a device.</exception>
    public static FileStream Open(string path)
    {
        if (Directory.Exists(path))
        {
            throw new CliException($"'{path}' is a folder. Name a file.");
        }

        if (!File.Exists(path))
        {
            throw new CliException($"There is no file '{path}'. Check the path.");
        }

        FileKinds.ThrowIfSpecial(path);
        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
    }

    /// <summary>Reads a whole file. Counts the bytes read instead of trusting the file size: the file may grow, or be a pipe of the
    /// shell.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxBytes">The maximum size in bytes.</param>
    /// <returns>The content; null if the file is larger.</returns>
    /// <exception cref="CliException">See <see cref="Open"/>.</exception>
    /// <exception cref="EstreamStorageException">See <see cref="Open"/>.</exception>
    public static byte[]? Read(string path, int maxBytes)
    {
        using FileStream file = Open(path);
        byte[] content = new byte[Math.Min(maxBytes, file.CanSeek ? file.Length : FirstBytes)];
        int length = 0;
        while (true)
        {
            int count = file.Read(content, length, content.Length - length);
            length += count;
            if (length < content.Length && count == 0)
            {
                return content[..length];
            }

            // Probe one more byte at the end, so a file of the expected size is not copied.
            if (length == content.Length)
            {
                int next = file.ReadByte();
                if (next < 0)
                {
                    return content;
                }

                if (length == maxBytes)
                {
                    return null;
                }

                Array.Resize(ref content, (int)Math.Clamp(2L * length, Math.Min(FirstBytes, maxBytes), maxBytes));
                content[length++] = (byte)next;
            }
        }
    }

    /// <summary>Reads a whole UTF-8 text file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxBytes">The maximum size in bytes.</param>
    /// <exception cref="CliException">See <see cref="Open"/>, or the file is larger.</exception>
    /// <exception cref="EstreamStorageException">See <see cref="Open"/>.</exception>
    public static string ReadText(string path, int maxBytes)
    {
        byte[] content = Read(path, maxBytes)
            ?? throw new CliException($"'{path}' is longer than the maximum of {maxBytes} bytes. Name another file.");
        using StreamReader reader = new(new MemoryStream(content), Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>Creates or replaces a file atomically. Creates its folder if it does not exist.</summary>
    /// <exception cref="CliException">The path is not a regular file: it is neither written nor deleted.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        string whole = EndOf(path), half = $"{whole}.{Path.GetRandomFileName()}.tmp";
        FileKind kind = FileKinds.Of(whole);
        if (kind != FileKind.Regular && (kind != FileKind.Missing || FileKinds.Of(path) == FileKind.Link))
        {
            string what = kind switch { FileKind.Folder => "a folder", FileKind.Special => "a pipe, a socket or a device",
                _ => "a dangling link" };
            throw new CliException($"'{path}' is {what} and cannot be replaced. Name a file.");
        }

        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(whole)!);
            using (FileStream file = new(half, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }

            File.Move(half, whole, overwrite: true);
        }
        catch (IOException)
        {
            File.Delete(half);
            throw;
        }
    }

    // If the path is a symbolic link, returns its final target, so the link stays and its target is replaced.
    private static string EndOf(string path) => path.Length == 0
        ? throw new CliException("The name of the output file is empty. Name a file.")
        : FileKinds.Of(path) == FileKind.Link && File.ResolveLinkTarget(path, returnFinalTarget: true) is { } end ? end.FullName
        : Path.GetFullPath(path);
}
