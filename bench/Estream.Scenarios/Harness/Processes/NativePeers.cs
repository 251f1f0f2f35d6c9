using System.Diagnostics;

namespace Estream.Scenarios.Harness;

/// <summary>The C++ program of bench/peers, which cmake builds on first use and updates on every use.</summary>
internal sealed class NativePeers
{
    private const string Install =
        "apt-get install -y cmake g++ libabsl-dev libtbb-dev liblmdb-dev librocksdb-dev libquickfix-dev libmosquitto-dev libmodbus-dev";

    /// <summary>A command that exists if a library is installed, and the library's name.</summary>
    private static readonly (string Command, string Library)[] s_libraries =
        [("absl-get", "Abseil"), ("tbb-get", "TBB"), ("lmdb-get", "LMDB"), ("rocksdb-get", "RocksDB"), ("quickfix-acceptor", "QuickFIX"),
            ("mosquitto-publish", "libmosquitto"), ("modbus-poll", "libmodbus")];

    private static readonly TimeSpan s_lockLimit = TimeSpan.FromMinutes(3);

    private readonly HashSet<string> _commands;

    private NativePeers(string program, IEnumerable<string> commands)
    {
        Program = program;
        _commands = [.. commands];
    }

    /// <summary>The path of the built program.</summary>
    public string Program { get; }

    /// <summary>The path of the program after the build, for contenders that start it in a child process.</summary>
    public static string BuiltProgram => Path.Combine(FindBench(), "peers", "build", "estream-peers");

    /// <summary>Whether the program contains a contender; false if the contender's library, such as Abseil, was missing.</summary>
    public bool Has(string command) => _commands.Contains(command);

    /// <summary>
    /// Builds the program. Returns null, with a message that states what to install, if there is no cmake or no C++
    /// compiler; throws if both exist and the build fails.
    /// </summary>
    public static NativePeers? Build(TextWriter log)
    {
        if (!CanRun("cmake") || !CanRun("c++"))
        {
            log.WriteLine($"C++ rows and ratios are skipped: cmake or a C++ compiler is missing. On Debian: {Install}");
            return null;
        }

        string source = Path.Combine(FindBench(), "peers");
        string build = Path.Combine(source, "build");
        Directory.CreateDirectory(build);
        using (LockFor(build))
        {
            Execute("cmake", "-S", source, "-B", build);
            Execute("cmake", "--build", build, "--parallel", $"{Environment.ProcessorCount}");
        }

        var peers = new NativePeers(BuiltProgram, Execute(BuiltProgram, "--list").Split('\n', StringSplitOptions.RemoveEmptyEntries));
        string[] missing = [.. s_libraries.Where(l => !peers.Has(l.Command)).Select(l => l.Library)];
        if (missing.Length > 0)
        {
            log.WriteLine($"Rows of {string.Join(", ", missing)} are skipped: the libraries are not installed. On Debian: {Install}");
        }

        return peers;
    }

    /// <summary>Returns the repository's folder of benchmarks.</summary>
    public static string FindBench()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string candidate = Path.Combine(at.FullName, "bench");
            if (File.Exists(Path.Combine(candidate, "peers", "CMakeLists.txt")))
            {
                return candidate;
            }
        }

        throw new ScenarioException(
            $"bench/peers was not found above {AppContext.BaseDirectory}: run the harness from a checkout of the repository");
    }

    /// <summary>Takes a lock, because two simultaneous runs (as in tests) must not configure and build over each other.</summary>
    internal static FileStream LockFor(string build)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(build, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (waited.Elapsed < s_lockLimit)
            {
                Thread.Sleep(100);
            }
        }
    }

    private static bool CanRun(string program)
    {
        string path = Environment.GetEnvironmentVariable("PATH") ?? "";
        return path.Split(Path.PathSeparator).Any(directory => File.Exists(Path.Combine(directory, program)));
    }

    private static string Execute(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new ScenarioException(
                $"'{program} {string.Join(' ', arguments)}' failed with {process.ExitCode}:\n{output}{errors.Result}");
        }

        return output;
    }
}
