using System.Text;
using Estream.Esf;
using Estream.Esf.Schema;

namespace Estream.Cli.Data;

/// <summary>A schema file and the lock beside it, as both stand on the disk. Immutable.</summary>
internal sealed class LockedSchemaFile
{
    private LockedSchemaFile(string path, SchemaDocument document, SchemaLock? published)
    {
        Path = path;
        Document = document;
        Lock = published;
    }

    public string Path { get; }

    public SchemaDocument Document { get; }

    /// <summary>What was published of the file; null where no lock lies beside it.</summary>
    public SchemaLock? Lock { get; }

    /// <summary>Reads a schema file and its lock. Whether one fits the other is not looked at.</summary>
    /// <exception cref="EsfSchemaException">One of the two cannot be read or holds mistakes: those of the first that does.</exception>
    public static LockedSchemaFile Read(string path)
    {
        EsfSchemaFile file = EsfSchemaSet.Load(path).Files[0];
        SchemaDocument document = SchemaReader.Read(file.Text, path).Document!;
        string? lockPath = SchemaLock.PathFor(path);
        return new LockedSchemaFile(path, document, File.Exists(lockPath) ? ReadLock(lockPath) : null);
    }

    private static SchemaLock ReadLock(string path)
    {
        SchemaLockReadResult read = SchemaLockReader.Read(File.ReadAllText(path, Encoding.UTF8), path);
        return read.Lock ?? throw new EsfSchemaException($"The lock '{path}' cannot be used.", read.Diagnostics, path);
    }
}
