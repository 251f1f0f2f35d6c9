using Estream.Testing;

namespace Estream.Wire.Fix.Tests.OtherEngine;

/// <summary>The program around QuickFIX, compiled on first use.</summary>
public sealed class OtherEngineProgram : IDisposable
{
    /// <summary>The header that compiling requires, from <see cref="Package"/>.</summary>
    public const string Header = "/usr/include/quickfix/Application.h";

    public const string Package = "libquickfix-dev";

    private const string Source = "tests/Estream.Wire.Fix.Tests/OtherEngine/other_engine.cpp";

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    private readonly TempDirectory _folder = new();
    private readonly Lazy<string> _path;

    public OtherEngineProgram()
    {
        _path = new Lazy<string>(Compile);
    }

    public string Path => _path.Value;

    public void Dispose()
    {
        _folder.Dispose();
    }

    private string Compile()
    {
        string program = _folder.Combine("other_engine");
        ChildProcess.Run(
            Peer.Require("g++", "g++"),
            ["-std=c++14", "-O1", "-Wno-deprecated", "-o", program, RepositoryRoot.Combine(Source), "-lquickfix", "-pthread"],
            limit: s_limit).EnsureSuccess();
        return program;
    }
}
