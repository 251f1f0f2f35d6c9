namespace Estream.Marketplace.Files;

/// <summary>The files of a folder of another source. Thread-safe as that one is.</summary>
/// <param name="source">The other one.</param>
/// <param name="folder">The folder in it.</param>
internal sealed class FolderFileSource(IFileSource source, string folder) : IFileSource
{
    public ValueTask<byte[]?> ReadAsync(string path, int maxBytes, CancellationToken cancellation) => source.ReadAsync($"{folder}/{path}", maxBytes, cancellation);
}
