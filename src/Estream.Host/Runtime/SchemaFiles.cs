using System.Text;
using Estream.Core;
using Estream.Esf;

namespace Estream.Host.Runtime;

/// <summary>
/// Writes the schemas of the host to its data folder, so the command line can decode messages, on this machine or from a copy of the
/// folder.
/// </summary>
internal static class SchemaFiles
{
    /// <summary>Writes the files of schemas. Files of other schemas stay, because old messages may need them.</summary>
    /// <param name="directory">The folder.</param>
    /// <param name="schemas">The schemas.</param>
    /// <param name="replaced">Receives the files that change; null if the change is final.</param>
    /// <exception cref="EstreamStorageException">The directory cannot be written.</exception>
    public static void Write(string directory, EsfSchemaSet schemas, List<ReplacedFile>? replaced = null)
    {
        try
        {
            FileStorage.Instance.CreateDirectory(directory);
            foreach (EsfSchemaFile file in schemas.Files)
            {
                WriteOne(Path.Combine(directory, Path.GetFileName(file.Name)), file.Text, replaced);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or EstreamStorageException)
        {
            throw new EstreamStorageException(
                $"The schemas cannot be written to '{directory}': {e.Message} Make the data directory writable for this user, or set "
                + "ESTREAM_DATA to one that is.",
                directory,
                e is UnauthorizedAccessException or EstreamStorageException { Reason: StorageFailure.AccessDenied }
                    ? StorageFailure.AccessDenied
                    : StorageFailure.Other,
                e);
        }
    }

    /// <summary>Gives files their earlier content, and deletes files that did not exist.</summary>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Restore(IEnumerable<ReplacedFile> replaced)
    {
        foreach (ReplacedFile file in replaced)
        {
            if (file.Before is { } before)
            {
                Replace(file.Path, before);
            }
            else
            {
                File.Delete(file.Path);
            }
        }
    }

    private static void WriteOne(string path, string text, List<ReplacedFile>? replaced)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        byte[]? before = File.Exists(path) ? File.ReadAllBytes(path) : null;
        if (before is not null && before.AsSpan().SequenceEqual(bytes))
        {
            return;
        }

        replaced?.Add(new ReplacedFile(path, before));
        Replace(path, bytes);
    }

    /// <summary>Writes a temporary file and renames it, so a reader sees the old text or the new text, never a part.</summary>
    private static void Replace(string path, byte[] bytes)
    {
        string temporary = path + ".new";
        File.WriteAllBytes(temporary, bytes);
        File.Move(temporary, path, overwrite: true);
    }
}

/// <summary>A file that was written.</summary>
/// <param name="Path">The path.</param>
/// <param name="Before">The earlier content; null if the file did not exist.</param>
internal readonly record struct ReplacedFile(string Path, byte[]? Before);
