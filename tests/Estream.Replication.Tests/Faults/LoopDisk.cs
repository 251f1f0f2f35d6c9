using Estream.Testing;

namespace Estream.Replication.Tests.Faults;

/// <summary>A small disk of one node, which a test makes slow or full. The disk is a file with ext4, mounted through a loop device; the
/// kernel limits how fast the processes of a control group write to it. Needs root, and control groups of version 1.</summary>
internal sealed class LoopDisk : IDisposable
{
    private const string Groups = "/sys/fs/cgroup/blkio";
    private const string LimitFile = "blkio.throttle.write_bps_device";
    private const string ProcessFile = "cgroup.procs";
    private const string Filler = "filler";
    private const int BlockBytes = 64 << 10;

    private static int s_made;

    private readonly string _image;
    private readonly string _group;
    private readonly string _device;

    /// <param name="image">The file to create.</param>
    /// <param name="mountPoint">The directory at which the disk is mounted.</param>
    /// <param name="bytes">The size of the disk.</param>
    public LoopDisk(string image, string mountPoint, long bytes)
    {
        (_image, MountPoint) = (image, Directory.CreateDirectory(mountPoint).FullName);
        _group = Path.Combine(Groups, $"estream-test-{Environment.ProcessId}-{Interlocked.Increment(ref s_made)}");
        using (FileStream file = File.Create(image))
        {
            file.SetLength(bytes);
        }

        Run("mkfs.ext4", "-q", "-m", "0", image);
        _device = Run("losetup", "-f", "--show", image).Output.Trim();
        try
        {
            Run("mount", _device, mountPoint);
            _ = Directory.CreateDirectory(_group);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string MountPoint { get; }

    /// <summary>The program with arguments that starts a program whose writes the disk can limit.</summary>
    public IReadOnlyList<string> Launcher => ["/bin/sh", "-c", $"echo $$ > {_group}/{ProcessFile} && exec \"$@\"", "sh"];

    /// <summary>Lets each write wait for the device, which stores at most a number of bytes a second.</summary>
    public void Slow(int bytesPerSecond)
    {
        File.WriteAllText(Path.Combine(_group, LimitFile), $"{Number()} {bytesPerSecond}");
        Run("mount", "-o", "remount,sync", MountPoint);
    }

    /// <summary>Writes a file until the disk is full.</summary>
    public void Fill()
    {
        using FileStream file = new(Path.Combine(MountPoint, Filler), FileMode.Create, FileAccess.Write, FileShare.None, 0);
        byte[] block = new byte[BlockBytes];
        try
        {
            while (true)
            {
                file.Write(block);
            }
        }
        catch (IOException)
        {
            // No space is left.
        }
    }

    /// <summary>Makes a slow or full disk usual again.</summary>
    public void Repair()
    {
        File.Delete(Path.Combine(MountPoint, Filler));
        File.WriteAllText(Path.Combine(_group, LimitFile), $"{Number()} 0");
        Run("mount", "-o", "remount,async", MountPoint);
    }

    /// <summary>Deletes everything on the disk. Its processes must have been killed.</summary>
    public void Erase()
    {
        WaitUntilUnused();
        foreach (string file in Directory.EnumerateFiles(MountPoint))
        {
            File.Delete(file);
        }

        foreach (string directory in Directory.EnumerateDirectories(MountPoint))
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>Unmounts and deletes the disk. Its processes must have been killed.</summary>
    public void Dispose()
    {
        WaitUntilUnused();
        _ = ChildProcess.Run("umount", [MountPoint]);
        _ = ChildProcess.Run("losetup", ["-d", _device]);
        if (Directory.Exists(_group))
        {
            Directory.Delete(_group);
        }

        File.Delete(_image);
    }

    private static ProcessResult Run(string program, params string[] arguments) =>
        ChildProcess.Run(program, arguments).EnsureSuccess();

    // A killed process leaves its group a moment later.
    private void WaitUntilUnused()
    {
        string processes = Path.Combine(_group, ProcessFile);
        Eventually.True(() => !File.Exists(processes) || File.ReadAllText(processes).Length == 0, $"the processes of {_group} have ended");
    }

    // The numbers of the device, such as 7:0.
    private string Number() => Run("lsblk", "-n", "-d", "-o", "MAJ:MIN", _device).Output.Trim();
}
