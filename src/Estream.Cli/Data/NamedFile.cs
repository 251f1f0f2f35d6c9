using System.Text;
using Estream.Core;

namespace Estream.Cli.Data;

/// <summary>A file that a command line names: looked at before it is opened, so that a pipe holds nobody up, a device is never replaced,
/// and what is wrong is said with what to do.</summary>
internal static class NamedFile
{
    private const int FirstBytes = 64 << 10;

    /// <summary>Opens a file to be read.</summary>
    /// <exception cref="CliException">Nothing is there, or a folder.</exception>
    /// <exception cref="EstreamStorageException">It is a pipe or a device.</exception>
    public static FileStream Open(string path)
    {
        if (Directory.Exists(path))
        {
            throw new CliException($"'{path}' is a folder: name a file");
        }

        if (!File.Exists(path))
        {
            throw new CliException($"there is no file '{path}'. Check the path");
        }

        FileKinds.ThrowIfSpecial(path);
        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
    }

    /// <summary>Reads a whole file. What is read is counted and not what the file says it has: it may grow, or be a pipe of the
    /// shell.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxBytes">The most it may have.</param>
    /// <returns>Its content; null where there is more.</returns>
    /// <exception cref="CliException">As of <see cref="Open"/>.</exception>
    /// <exception cref="EstreamStorageException">As of <see cref="Open"/>.</exception>
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

            // A file as long as it says is not copied: one byte behind it tells.
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

    /// <summary>Reads a whole file of text in UTF-8.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxBytes">The most it may have.</param>
    /// <exception cref="CliException">As of <see cref="Open"/>, or there is more.</exception>
    /// <exception cref="EstreamStorageException">As of <see cref="Open"/>.</exception>
    public static string ReadText(string path, int maxBytes)
    {
        byte[] content = Read(path, maxBytes)
            ?? throw new CliException($"'{path}' has more than the {maxBytes} bytes that are read. Name another file");
        using StreamReader reader = new(new MemoryStream(content), Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>Puts a file in the place of one, or of nothing: it is there whole or not at all. The folder is made where it is
    /// missing.</summary>
    /// <exception cref="CliException">Something else than a file is there: it is neither written into nor taken away.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        string whole = EndOf(path), half = $"{whole}.{Path.GetRandomFileName()}.tmp";
        FileKind kind = FileKinds.Of(whole);
        if (kind != FileKind.Regular && (kind != FileKind.Missing || FileKinds.Of(path) == FileKind.Link))
        {
            string what = kind switch { FileKind.Folder => "a folder", FileKind.Special => "a pipe, a socket or a device",
                _ => "a link to no file" };
            throw new CliException($"'{path}' is {what}, and is not replaced by a file. Name a file");
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

    // A link stays, and what it leads to is replaced.
    private static string EndOf(string path) => path.Length == 0
        ? throw new CliException("a file to write is named by nothing. Name a file")
        : FileKinds.Of(path) == FileKind.Link && File.ResolveLinkTarget(path, returnFinalTarget: true) is { } end ? end.FullName
        : Path.GetFullPath(path);
}
