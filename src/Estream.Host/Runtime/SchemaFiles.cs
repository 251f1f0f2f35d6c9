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
    /// <exception cref="EstreamStorageException">The directory cannot be written.</exception>
    public static void Write(string directory, EsfSchemaSet schemas)
    {
        try
        {
            FileStorage.Instance.CreateDirectory(directory);
            foreach (EsfSchemaFile file in schemas.Files)
            {
                WriteOne(Path.Combine(directory, Path.GetFileName(file.Name)), file.Text);
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

    /// <summary>Writes a temporary file and renames it, so a reader sees the old text or the new text, never a part.</summary>
    private static void WriteOne(string path, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(bytes))
        {
            return;
        }

        string temporary = path + ".new";
        File.WriteAllBytes(temporary, bytes);
        File.Move(temporary, path, overwrite: true);
    }
}
