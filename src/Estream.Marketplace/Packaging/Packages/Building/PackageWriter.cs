namespace Estream.Marketplace.Packages;

/// <summary>Writes packages: the same bytes for the same files, whenever and wherever.</summary>
internal static class PackageWriter
{
    private const int EndBlocks = 2;

    public static void Write(Package package, Stream destination, PackageCompression compression)
    {
        using GzipOutput gzip = new(destination, compression);
        Span<byte> block = stackalloc byte[TarHeader.BlockBytes];
        foreach (PackageFile file in package.Files)
        {
            TarHeader.Write(block, file.Path, file.IsExecutable, file.Content.Length);
            gzip.Write(block);
            gzip.Write(file.Content.Span);
            block.Clear();
            gzip.Write(block[..TarHeader.PaddingOf(file.Content.Length)]);
        }

        block.Clear();
        for (int end = 0; end < EndBlocks; end++)
        {
            gzip.Write(block);
        }

        gzip.Finish();
    }
}
