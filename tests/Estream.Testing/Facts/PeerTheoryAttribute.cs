using Xunit;

namespace Estream.Testing;

/// <summary>The theory form of <see cref="PeerFactAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PeerTheoryAttribute : TheoryAttribute
{
    /// <summary>Names the command the test runs and the Debian package that holds it.</summary>
    public PeerTheoryAttribute(string command, string debianPackage)
    {
        Command = command;
        DebianPackage = debianPackage;
        Skip = Peer.SkipReason(command, debianPackage);
    }

    /// <summary>The program that has to be on PATH.</summary>
    public string Command { get; }

    /// <summary>The package that brings it.</summary>
    public string DebianPackage { get; }
}
