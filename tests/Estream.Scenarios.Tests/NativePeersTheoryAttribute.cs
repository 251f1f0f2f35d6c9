using Estream.Testing;

namespace Estream.Scenarios.Tests;

/// <summary>A theory that needs the C++ peers. It is skipped with the name of the missing package if they cannot be built.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NativePeersTheoryAttribute : TheoryAttribute
{
    public NativePeersTheoryAttribute()
    {
        Skip = NativePeersFactAttribute.Missing;
    }
}

/// <summary>The fact form of <see cref="NativePeersTheoryAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NativePeersFactAttribute : FactAttribute
{
    private static readonly (string Needed, string Package)[] s_needs =
    [
        ("cmake", "cmake"),
        ("c++", "g++"),
        ("/usr/include/absl/base/config.h", "libabsl-dev"),
        ("/usr/include/tbb/concurrent_hash_map.h", "libtbb-dev"),
        ("/usr/include/lmdb.h", "liblmdb-dev"),
        ("/usr/include/rocksdb/db.h", "librocksdb-dev"),
        ("/usr/include/quickfix/Application.h", "libquickfix-dev"),
        ("/usr/include/mosquitto.h", "libmosquitto-dev"),
        ("/usr/include/modbus/modbus.h", "libmodbus-dev"),
        ("mosquitto", "mosquitto"),
        ("protoc", "protobuf-compiler"),
    ];

    public NativePeersFactAttribute()
    {
        Skip = Missing;
    }

    internal static string? Missing { get; } = s_needs
        .Where(need => Peer.Find(need.Needed) is null)
        .Select(need => $"{need.Needed} is not installed: apt-get install {need.Package} (./test.sh does it when run as root on Debian)")
        .FirstOrDefault();
}
