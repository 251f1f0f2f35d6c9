using Estream.Core;
using Estream.Marketplace.Files;
using Estream.Marketplace.Tests.Trust.Log;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Files;

public sealed class AtomicFileTests
{
    private const int MostCalls = 100;

    private static readonly byte[] s_before = [1, 2, 3], s_after = [4, 5, 6, 7];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Crash_at_any_storage_call_leaves_the_old_or_the_new_file(bool isShared)
    {
        CrashingStorage storage;
        int dieAt = 1;
        do
        {
            using TempDirectory folder = new();
            string file = folder.Combine("state.json");
            AtomicFile.Write(FileStorage.Instance, file, s_before);
            storage = new CrashingStorage(dieAt);
            Exception? death = Record.Exception(() => AtomicFile.Write(storage, file, s_after, isShared));
            Assert.Equal(storage.Survived, death is null);
            byte[] found = File.ReadAllBytes(file);
            Assert.True(found.AsSpan().SequenceEqual(s_before) || found.AsSpan().SequenceEqual(s_after),
                $"{found.Length} bytes where it died at call {dieAt}");

            AtomicFile.Write(FileStorage.Instance, file, s_before, isShared);
            Assert.Equal(s_before, File.ReadAllBytes(file));
            Assert.True(isShared || Directory.GetFiles(folder.Path).Length == 1, "what the dead has left is taken away");
        }
        while (!storage.Survived && ++dieAt < MostCalls);

        Assert.InRange(dieAt, 5, MostCalls - 1);
    }

    [Fact]
    public void Read_throws_when_the_file_exceeds_its_limit()
    {
        using TempDirectory folder = new();
        string file = folder.Combine("state.json");
        Assert.Null(AtomicFile.Read(FileStorage.Instance, file, 3));
        AtomicFile.Write(FileStorage.Instance, file, s_before);
        Assert.Equal(s_before, AtomicFile.Read(FileStorage.Instance, file, 3));
        EstreamCorruptionException tooLong =
            Assert.Throws<EstreamCorruptionException>(() => AtomicFile.Read(FileStorage.Instance, file, 2));
        Assert.Contains("3 bytes; the limit is 2", tooLong.Message, StringComparison.Ordinal);
    }
}
