namespace Estream.Microbenchmarks;

/// <summary>A new directory for the files of one benchmark; <see cref="Dispose"/> deletes it with its content.</summary>
/// <remarks>The directory is in /dev/shm if that exists, so that no disk takes part in the measurement.</remarks>
internal sealed class TemporaryDirectory : IDisposable
{
    private const string SharedMemory = "/dev/shm";

    public TemporaryDirectory()
    {
        string parent = Directory.Exists(SharedMemory) ? SharedMemory : System.IO.Path.GetTempPath();
        Path = System.IO.Path.Combine(parent, $"estream-microbenchmarks-{Guid.NewGuid():N}");
        Directory.CreateDirectory(Path);
    }

    public string Path { get; }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
