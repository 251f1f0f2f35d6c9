using Estream.Circuits;
using Estream.Core;
using Estream.Marketplace.Governance;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Governance;

public sealed class WidgetContentFolderTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Find_returns_files_by_their_hash()
    {
        byte[] content = [1, 2, 3];
        File.WriteAllBytes(_directory.Combine("a.js"), content);
        WidgetContentFolder folder = new(_directory.Path);
        Assert.Equal(WidgetContentStatus.Found, folder.Find(WidgetRelease.HashOf(content), 3, out ReadOnlyMemory<byte> found));
        Assert.Equal(content, found.ToArray());
        Assert.Equal(WidgetContentStatus.TooLong, folder.Find(WidgetRelease.HashOf(content), 2, out _));
        Assert.Equal(WidgetContentStatus.Missing, folder.Find(WidgetRelease.HashOf([1, 2]), 3, out _));
        Assert.Equal(WidgetContentStatus.Missing, folder.Find([], 3, out _));
        Assert.Equal(WidgetContentStatus.Missing,
            new WidgetContentFolder(_directory.Combine("none")).Find(WidgetRelease.HashOf(content), 3, out _));
    }

    [Fact]
    public void Constructor_throws_for_too_many_or_too_large_files()
    {
        string large = _directory.Combine("large.js");
        using (FileStream file = File.Create(large))
        {
            file.SetLength((8 << 20) + 1);
        }

        Assert.Contains("large.js has more than 8388608 bytes",
            Assert.Throws<EstreamFormatException>(() => new WidgetContentFolder(_directory.Path)).Message, StringComparison.Ordinal);
        File.Delete(large);
        for (int i = 0; i <= WidgetContentFolder.MaxFiles; i++)
        {
            File.WriteAllBytes(_directory.Combine($"{i}.js"), [(byte)i]);
        }

        Assert.Throws<EstreamFormatException>(() => new WidgetContentFolder(_directory.Path));
    }
}
