using Estream.Testing;

namespace Estream.Wire.Tests;

/// <summary>Goal: a changed file is read once it is complete, and an invalid file changes nothing.</summary>
public sealed class ReloadedFilesTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Changed_file_is_read_once_it_stays_unchanged()
    {
        string file = Write("file", "a");
        ReloadedFiles<string> files = Open(file);

        Assert.False(files.Look());
        Write("file", "ab");
        Assert.False(files.Look());
        Write("file", "abc");
        Assert.False(files.Look());
        Assert.Equal("a", files.Current);
        Assert.True(files.Look());
        Assert.Equal("abc", files.Current);
        Assert.False(files.Look());
    }

    [Fact]
    public void Change_behind_symbolic_links_is_noticed()
    {
        // The layout of secrets mounted into a container: file -> ..data/file, ..data -> a dated folder.
        Directory.CreateDirectory(_folder.Combine("1"));
        Directory.CreateDirectory(_folder.Combine("2"));
        Write("1/file", "one");
        Write("2/file", "two");
        Directory.CreateSymbolicLink(_folder.Combine("..data"), _folder.Combine("1"));
        File.CreateSymbolicLink(_folder.Combine("file"), _folder.Combine("..data", "file"));
        File.SetLastWriteTimeUtc(_folder.Combine("2", "file"), DateTime.UtcNow.AddMinutes(-1));
        ReloadedFiles<string> files = Open(_folder.Combine("file"));

        Directory.CreateSymbolicLink(_folder.Combine("..next"), _folder.Combine("2"));
        Directory.Move(_folder.Combine("..next"), _folder.Combine("..now"));
        Directory.Delete(_folder.Combine("..data"));
        Directory.Move(_folder.Combine("..now"), _folder.Combine("..data"));

        Assert.False(files.Look());
        Assert.True(files.Look());
        Assert.Equal("two", files.Current);
    }

    [Fact]
    public void Invalid_file_keeps_the_earlier_value_and_reports_the_failure_until_it_is_corrected()
    {
        string file = Write("file", "a");
        ReloadedFiles<string> files = Open(file);

        Write("file", "wrong");
        Assert.False(files.Look());
        Assert.Throws<WireConfigurationException>(() => files.Look());
        Assert.Equal("a", files.Current);
        Assert.NotNull(files.Failure);
        Assert.False(files.Look());
        Assert.Throws<WireConfigurationException>(files.Reload);

        Write("file", "right");
        files.Reload();
        Assert.Equal("right", files.Current);
        Assert.Null(files.Failure);
    }

    private static ReloadedFiles<string> Open(string file) => new(
        _ => File.ReadAllText(file) is { } text && text != "wrong" ? text : throw new WireConfigurationException("File", "is wrong."),
        [file, null]);

    private string Write(string name, string content)
    {
        string path = _folder.Combine(name);
        File.WriteAllText(path, content);
        return path;
    }
}
