using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Estream.Core;
using Estream.Map;

namespace Estream.Compatibility;

/// <summary>Creates one set of files in a child process, which exits, kills itself or is killed, and packs them: NAME.tar.gz with the
/// files, NAME.txt.gz with the report of the process.</summary>
internal static class Maker
{
    private const string Ready = "ready";
    private const int Attempts = 1_000;

    public static void Pack(string name, string outputFolder)
    {
        string directory = Path.Combine(Path.GetTempPath(), $"estream-{name}-{Environment.ProcessId}");
        for (int attempt = 1; ; attempt++)
        {
            Directory.CreateDirectory(directory);
            string report = RunChild(name, directory);
            if (IsAsItShouldBe(name, directory))
            {
                PretendAnotherMachine(directory);
                Compress(Path.Combine(outputFolder, name + ".txt.gz"), target => target.Write(Encoding.ASCII.GetBytes(report)));
                Compress(Path.Combine(outputFolder, name + ".tar.gz"),
                    target => TarFile.CreateFromDirectory(directory, target, includeBaseDirectory: false));
                Directory.Delete(directory, recursive: true);
                return;
            }

            Directory.Delete(directory, recursive: true);
            if (attempt == Attempts)
            {
                throw new InvalidOperationException($"{name}: none of {Attempts} attempts killed the process at the right moment.");
            }
        }
    }

    /// <summary>Tells the parent that it may kill this process, and waits until the parent does so.</summary>
    public static void WaitToBeKilled()
    {
        ReadyToBeKilled();
        new ManualResetEvent(initialState: false).WaitOne();
    }

    /// <summary>Tells the parent that it may kill this process.</summary>
    public static void ReadyToBeKilled() => Console.WriteLine(Ready);

    private static string RunChild(string name, string directory)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Maker).Assembly.Location, "child", name, directory])
        {
            RedirectStandardOutput = true,
        };
        using Process child = Process.Start(start)!;
        var report = new List<string>();
        while (child.StandardOutput.ReadLine() is { } line)
        {
            if (line == Ready)
            {
                child.Kill();
                break;
            }

            report.Add(line);
        }

        child.WaitForExit();

        // The child processes of maps report every operation number; the last number identifies the state.
        IEnumerable<string> kept = report.Count > 0 && report[0].StartsWith("operations", StringComparison.Ordinal)
            ? report.TakeLast(1)
            : report;
        return string.Concat(kept.Select(line => line + "\n"));
    }

    private static bool IsAsItShouldBe(string name, string directory) => name switch
    {
        "map-killed-in-value" => IsInsideAValue(directory),
        "map-killed-in-batch" => IsInsideABatch(directory),
        _ => true,
    };

    /// <summary>Whether the process died when a batch was partly applied. docs/formats/map.md has the offset of the word.</summary>
    private static bool IsInsideABatch(string directory)
    {
        using MemoryRegion log = FileStorage.Instance.OpenRegion(Path.Combine(directory, "batches", "000"), RegionAccess.ReadOnly);
        using StateMap<long, Block> map = StateMap.OpenReadOnly<long, Block>(directory);
        return log.All.ReadInt64(64) != 0 && map.Select(pair => pair.Value.Operation).Distinct().Count() == 2;
    }

    /// <summary>Whether the process died when a value was half written: the journal describes the value and its bucket is busy.
    /// docs/formats/map.md has the offsets.</summary>
    private static bool IsInsideAValue(string directory)
    {
        using MemoryRegion table = FileStorage.Instance.OpenRegion(Path.Combine(directory, "table.0001"), RegionAccess.ReadOnly);
        RegionSpan memory = table.All;
        const int Journal = 4096;
        long control = memory.ReadInt64(Journal + 24);
        long bucket = memory.ReadInt64(56 + 8) + (memory.ReadInt64(Journal + 16) * memory.ReadInt32(32));
        if (memory.ReadInt64(Journal) % 2 != 0 || memory.ReadInt32(Journal + 8) != 1 || memory.ReadInt64(bucket) != control)
        {
            return false;
        }

        ReadOnlySpan<byte> value = memory.ReadOnlySpan(bucket + memory.ReadInt32(48) + memory.ReadInt32(44), 4096);
        return !value[8..].SequenceEqual(value[..^8]);
    }

    // Replaces the boot id of the kernel that ran the writer, so that the files mean the same on every machine, including this one.
    private static void PretendAnotherMachine(string directory)
    {
        foreach ((string file, long offset) in ((string, long)[])[("map.meta", 608), ("bytes.meta", 584),
            ("queue.meta", QueueV2Maker.BootOffset)])
        {
            foreach (string meta in Directory.GetFiles(directory, file, SearchOption.AllDirectories))
            {
                using MemoryRegion region = FileStorage.Instance.OpenRegion(meta, RegionAccess.ReadWrite);
                region.All.Span(offset, 16).Fill(0x42);
            }
        }
    }

    private static void Compress(string path, Action<Stream> write)
    {
        using FileStream file = File.Create(path);
        using var gzip = new GZipStream(file, CompressionLevel.SmallestSize);
        write(gzip);
    }
}
