using System.Text;
using Estream.Core;
using Estream.Esf;

namespace Estream.Host.Runtime;

/// <summary>
/// Leaves the schemas the host uses beside its data, so that the command line, on this machine or on a copy of the
/// directory, decodes what it finds.
/// </summary>
internal static class SchemaFiles
{
    /// <exception cref="EstreamStorageException">The directory cannot be written.</exception>
    public static void Write(string directory, EsfSchemaSet schemas)
    {
        try
        {
            Directory.CreateDirectory(directory);
            foreach (EsfSchemaFile file in schemas.Files)
            {
                WriteOne(Path.Combine(directory, Path.GetFileName(file.Name)), file.Text);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EstreamStorageException(
                $"The schemas cannot be written to '{directory}': {e.Message} Make the data directory writable for this user, or set "
                + "ESTREAM_DATA to one that is.",
                directory,
                e is UnauthorizedAccessException ? StorageFailure.AccessDenied : StorageFailure.Other,
                e);
        }
    }

    /// <summary>By way of a second file and a rename: a reader sees the old text or the new one, never half of it.</summary>
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
