using Estream.Core;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Tests.Trust.Log;
using Estream.Testing;
using static Estream.Marketplace.Tests.Registries.SampleReleases;

namespace Estream.Marketplace.Tests.Registries;

/// <summary>A registry in a directory.</summary>
public sealed class DirectoryRegistryTests : RegistryContract, IDisposable
{
    private static readonly CancellationToken s_none = CancellationToken.None;

    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Publication_killed_at_any_call_is_complete_or_absent()
    {
        for (int dieAt = 1; ; dieAt++)
        {
            string folder = _folder.Combine($"killed-{dieAt}");
            await new DirectoryRegistry(folder).PublishAsync(Of(Card, "1.0.0"), s_none);
            CrashingStorage storage = new(dieAt);
            try
            {
                await new DirectoryRegistry(folder, storage).PublishAsync(Of(Card, "1.1.0"), s_none);
            }
            catch (EstreamStorageException)
            {
                // Expected.
            }

            DirectoryRegistry again = new(folder);
            foreach (RegistryRelease release in await again.ListAsync(Card, s_none))
            {
                await again.ReadPackageAsync(release, s_none);
                await again.ReadBundleAsync(release, s_none);
            }

            await again.PublishAsync(Of(Card, "1.1.0"), s_none);
            Assert.Equal(2, (await again.ListAsync(Card, s_none)).Count);
            if (storage.Survived)
            {
                Assert.True(dieAt > 15);
                return;
            }
        }
    }

    [Theory]
    [InlineData("a pipe")]
    [InlineData("a link to a pipe")]
    [InlineData("a link to a device")]
    public async Task Pipe_or_device_instead_of_a_file_does_not_block(string what)
    {
        DirectoryRegistry registry = new(_folder.Path);
        await registry.PublishAsync(Of(Card, "1.0.0"), s_none);
        string index = _folder.Combine("index", "@acme", "card.json"), pipe = what == "a pipe" ? index : _folder.Combine("pipe");
        File.Delete(index);
        ChildProcess.Run("mkfifo", [pipe]).EnsureSuccess();
        if (what != "a pipe")
        {
            File.CreateSymbolicLink(index, what == "a link to a device" ? "/dev/tty" : pipe);
        }

        Task<Exception?> read = Task.Run(() => Record.ExceptionAsync(() => registry.ListAsync(Card, s_none).AsTask()));
        Eventually.True(() => read.IsCompleted, "the reader comes back");
        Assert.Contains("is a pipe, a socket or a device", Assert.IsType<EstreamStorageException>(await read).Message,
            StringComparison.Ordinal);

        // A symbolic link to a regular file is followed; the file is read but is not a valid index.
        File.Delete(index);
        File.WriteAllText(_folder.Combine("elsewhere.json"), "{}");
        File.CreateSymbolicLink(index, _folder.Combine("elsewhere.json"));
        await Assert.ThrowsAsync<EstreamRegistryException>(() => registry.ListAsync(Card, s_none).AsTask());
    }

    [Fact]
    public async Task Damaged_files_are_reported_with_their_path()
    {
        DirectoryRegistry registry = new(_folder.Path);
        await registry.PublishAsync(Of(Card, "1.0.0"), s_none);
        RegistryRelease release = Assert.Single(await registry.ListAsync(Card, s_none));
        string package = _folder.Combine("packages", "@acme", "card", "1.0.0.escx"), index = _folder.Combine("index", "@acme", "card.json");
        byte[] whole = await File.ReadAllBytesAsync(package);
        await File.WriteAllBytesAsync(package, [.. whole[..^1], (byte)(whole[^1] ^ 1)]);
        EstreamRegistryException error =
            await Assert.ThrowsAsync<EstreamRegistryException>(() => registry.ReadPackageAsync(release, s_none).AsTask());
        Assert.Equal((RegistryFault.Malformed, "packages/@acme/card/1.0.0.escx"), (error.Fault, error.Path));
        await File.WriteAllBytesAsync(package, [.. whole, 0]);
        await Assert.ThrowsAsync<Estream.Marketplace.Files.EstreamContentException>(() =>
            registry.ReadPackageAsync(release, s_none).AsTask());
        string text = await File.ReadAllTextAsync(index);
        foreach (string bad in new[] { "{", text.Replace("@acme/card", "@acme/other", StringComparison.Ordinal),
            text.Replace("\"license\"", "\"licence\"", StringComparison.Ordinal),
            text.Replace("^1.2", "nonsense", StringComparison.Ordinal) })
        {
            await File.WriteAllTextAsync(index, bad);
            error = await Assert.ThrowsAsync<EstreamRegistryException>(() => registry.ListAsync(Card, s_none).AsTask());
            Assert.Equal((RegistryFault.Malformed, "index/@acme/card.json"), (error.Fault, error.Path));
        }
    }

    [Fact]
    public void Map_throws_when_a_scope_has_two_registries()
    {
        DirectoryRegistry acme = new(_folder.Combine("a")), others = new(_folder.Combine("b"));
        RegistryMap map = new([new("@acme", acme)], others);
        Assert.Same(acme, map.For(Card));
        Assert.Same(others, map.For(Iot));
        Assert.Same(others, map.For(ComponentName.Parse("@acme2/card")));
        Assert.Equal([acme, others], map.Registries);
        EstreamRegistryException error =
            Assert.Throws<EstreamRegistryException>(() => new RegistryMap([new("@acme", acme), new("@acme", others)], null));
        Assert.Equal(RegistryFault.Configuration, error.Fault);
        Assert.Throws<EstreamRegistryException>(() => new RegistryMap([new("acme", acme)], null));
        error = Assert.Throws<EstreamRegistryException>(() => new RegistryMap([new("@acme", acme)], null).For(Iot));
        Assert.Equal(RegistryFault.Configuration, error.Fault);
        Assert.Same(others, new RegistryMap([new("", others)], null).For(Iot));
    }

    private protected override IComponentRegistry Open() => new DirectoryRegistry(_folder.Path);
}
