using Xunit;

namespace Estream.Testing;

/// <summary>A test that needs an independent program; skipped if the program is missing, naming the Debian package that contains
/// it.</summary>
/// <remarks>`./test.sh` counts a skipped test as failed if it runs as root on Debian, because it could have installed the
/// package.</remarks>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PeerFactAttribute : FactAttribute
{
    /// <summary>Creates the attribute from the command the test runs and the Debian package that contains it.</summary>
    public PeerFactAttribute(string command, string debianPackage)
    {
        Command = command;
        DebianPackage = debianPackage;
        Skip = Peer.SkipReason(command, debianPackage);
    }

    /// <summary>The program that must be on PATH.</summary>
    public string Command { get; }

    /// <summary>The Debian package that contains the program.</summary>
    public string DebianPackage { get; }
}

/// <summary>The theory form of <see cref="PeerFactAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PeerTheoryAttribute : TheoryAttribute
{
    /// <summary>Creates the attribute from the command the test runs and the Debian package that contains it.</summary>
    public PeerTheoryAttribute(string command, string debianPackage)
    {
        Command = command;
        DebianPackage = debianPackage;
        Skip = Peer.SkipReason(command, debianPackage);
    }

    /// <summary>The program that must be on PATH.</summary>
    public string Command { get; }

    /// <summary>The Debian package that contains the program.</summary>
    public string DebianPackage { get; }
}
