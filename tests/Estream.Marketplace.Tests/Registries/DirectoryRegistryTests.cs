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
    public async Task A_publication_that_is_killed_at_any_call_is_there_whole_or_not_at_all()
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
                // As it is meant.
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
    public async Task A_pipe_or_a_device_in_the_place_of_a_file_holds_nobody_up(string what)
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

        // What is a link to a file is still one.
        File.Delete(index);
        File.WriteAllText(_folder.Combine("elsewhere.json"), "{}");
        File.CreateSymbolicLink(index, _folder.Combine("elsewhere.json"));
        await Assert.ThrowsAsync<EstreamRegistryException>(() => registry.ListAsync(Card, s_none).AsTask());
    }

    [Fact]
    public async Task Files_that_were_damaged_are_found_and_named()
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
    public void A_scope_comes_from_exactly_one_registry()
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
