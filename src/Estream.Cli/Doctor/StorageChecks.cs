using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Estream.Core;

namespace Estream.Cli.Doctor;

/// <summary>Checks of the data folder, its volume, and the files named in the configuration.</summary>
internal static class StorageChecks
{
    private const long DefaultFloor = 1L << 30;
    private const int FloorPart = 20;
    private const int Flushes = 16;
    private const int SlowFlushMs = 50;
    private const double NanosPerMs = 1e6;

    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private static readonly TimeSpan s_certificateNotice = TimeSpan.FromDays(14);

    public static DoctorFinding Folder(string data)
    {
        if (!Directory.Exists(data))
        {
            string? parent = Path.GetDirectoryName(data);
            return parent is not null && CanWrite(parent)
                ? DoctorFinding.Ok("data folder", $"'{data}' does not exist yet; the host creates it")
                : DoctorFinding.Fail("data folder", $"'{data}' does not exist and cannot be created",
                    "Create the folder, and make the user of the host its owner.");
        }

        if (!CanWrite(data))
        {
            return DoctorFinding.Fail("data folder", $"{Environment.UserName} may not write to '{data}'",
                "Run this command as the user of the host, or change the owner of the folder: chown -R");
        }

        UnixFileMode mode = ModeOf(data);
        return (mode & OthersWrite) == 0
            ? DoctorFinding.Ok("data folder", $"'{data}', mode {ModeText(mode)}")
            : DoctorFinding.Fail("data folder", $"others may write to '{data}' (mode {ModeText(mode)})", $"Run: chmod go-w '{data}'");
    }

    public static DoctorFinding FileSystem(string data) => OfVolume("file system", data, static (check, volume) =>
    {
        string format = volume.DriveFormat;
        string? risk = format switch
        {
            "tmpfs" or "ramfs" => "data is lost when the machine restarts",
            "btrfs" or "zfs" => "copy-on-write does not guarantee reserved space: a full disk can crash the host",
            "nfs" or "nfs4" or "cifs" or "smb2" or "9p" or "fuse" or "virtiofs" =>
                "locks and memory mapping are not reliable on remote file systems",
            "overlay" or "overlayfs" => "the writable layer of a container is deleted with the container",
            _ => null,
        };
        return risk is null
            ? DoctorFinding.Ok(check, format)
            : DoctorFinding.Warn(check, $"{format}: {risk}", "Put the data on a volume with ext4 or XFS.");
    });

    public static DoctorFinding FreeSpace(string data, long? minFreeBytes) => OfVolume("free space", data, (check, volume) =>
    {
        long floor = minFreeBytes ?? Math.Min(DefaultFloor, volume.TotalSize / FloorPart);
        long free = volume.AvailableFreeSpace;
        string found = $"{free >> 20} MiB of {volume.TotalSize >> 20} MiB free; adapters stop below {floor >> 20} MiB";
        return free < floor ? DoctorFinding.Fail(check, found, "Free space on the volume, or set RetainedBytes of queues.")
            : free < 2 * floor ? DoctorFinding.Warn(check, found, "Free space on the volume, or set RetainedBytes of queues.")
            : DoctorFinding.Ok(check, found);
    });

    private static DoctorFinding OfVolume(string check, string data, Func<string, DriveInfo, DoctorFinding> judge)
    {
        try
        {
            return judge(check, new DriveInfo(Existing(data)));
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return DoctorFinding.Warn(check, $"the volume of '{Existing(data)}' cannot be read: {refused.Message}",
                "Mount the root of the chroot or container, so that /proc/self/mounts lists the volume.");
        }
    }

    /// <summary>Measures flushes to disk: writes and flushes a temporary file several times, as durable appends do.</summary>
    public static DoctorFinding Flush(string data, IClock clock)
    {
        string file = Path.Combine(Existing(data), $".estream-doctor-{Environment.ProcessId}");
        try
        {
            using FileStream stream = new(file, new FileStreamOptions
            {
                Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.DeleteOnClose, BufferSize = 0,
                PreallocationSize = 1 << 20,
            });
            byte[] page = new byte[4_096];
            double[] times = new double[Flushes];
            for (int index = 0; index < Flushes; index++)
            {
                stream.Write(page);
                long start = clock.MonotonicNanos;
                stream.Flush(flushToDisk: true);
                times[index] = (clock.MonotonicNanos - start) / NanosPerMs;
            }

            Array.Sort(times);
            string found = string.Create(CultureInfo.InvariantCulture, $"median {times[Flushes / 2]:0.###} ms, worst {times[^1]:0.###} ms");
            return times[Flushes / 2] <= SlowFlushMs
                ? DoctorFinding.Ok("flush", found)
                : DoctorFinding.Warn("flush", found,
                    "With Durability Every or GroupCommit, each acknowledgement waits for a flush. Use a faster disk.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return DoctorFinding.Fail("flush", $"a file could not be written: {failure.Message}", "Check the disk and the folder's owner.");
        }
    }

    public static DoctorFinding Secret(string setting, string file)
    {
        string check = $"secret {setting}";
        try
        {
            UnixFileMode mode = ModeOf(file);
            using FileStream readable = File.OpenRead(file);
            return SecretFile.IsOwnerOnly(mode)
                ? DoctorFinding.Ok(check, $"'{file}', mode {ModeText(mode)}")
                : DoctorFinding.Fail(check, $"others may use '{file}' (mode {ModeText(mode)})", $"Run: chmod 600 '{file}'");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return DoctorFinding.Fail(check, $"'{file}' cannot be read: {failure.Message}", "Check the path and the owner.");
        }
    }

    public static DoctorFinding Certificate(string setting, string file, DateTimeOffset now)
    {
        string check = $"certificate {setting}";
        try
        {
            using X509Certificate2 certificate = X509CertificateLoader.LoadCertificateFromFile(file);
            DateTimeOffset end = certificate.NotAfter;
            string found = $"'{file}' is valid until {end.UtcDateTime:u}";
            return end <= now || certificate.NotBefore > now ? DoctorFinding.Fail(check, found, "Renew the certificate: peers reject it.")
                : end - now < s_certificateNotice
                    ? DoctorFinding.Warn(check, found, "Renew the certificate. A running host loads the new one.")
                : DoctorFinding.Ok(check, found);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return DoctorFinding.Fail(check, $"'{file}' cannot be read: {failure.Message}", "Use a certificate in PEM format.");
        }
    }

    private static string Existing(string folder)
    {
        string? path = folder;
        while (path is not null && !Directory.Exists(path))
        {
            path = Path.GetDirectoryName(path);
        }

        return path ?? "/";
    }

    private static bool CanWrite(string folder)
    {
        string probe = Path.Combine(folder, $".estream-doctor-{Environment.ProcessId}-probe");
        try
        {
            using FileStream made = new(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static UnixFileMode ModeOf(string path) =>
        OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(path);

    private static string ModeText(UnixFileMode mode) => Convert.ToString((int)mode & 0xFFF, 8);
}
