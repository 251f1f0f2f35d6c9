namespace Estream.Esf.Schema;

/// <summary>A schema file or a manifest: its path and its text.</summary>
public sealed class SchemaSource
{
    /// <summary>A file by path and content.</summary>
    /// <param name="path">As messages shall show it; the folders in it say which pack a schema file belongs to.</param>
    /// <param name="text">The content.</param>
    public SchemaSource(string path, string text)
    {
        Path = path;
        Text = text;
    }

    /// <summary>The path.</summary>
    public string Path { get; }

    /// <summary>The content.</summary>
    public string Text { get; }
}
