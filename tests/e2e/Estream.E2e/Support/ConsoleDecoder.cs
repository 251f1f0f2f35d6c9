using System.Text.Json;
using Estream.Testing;

namespace Estream.E2e;

/// <summary>
/// Runs the console's ESF decoder as a program: <c>console/dev/esfPipe.ts</c>, bundled once by the console's own tools (the
/// build of the host has installed them) and run by node.
/// </summary>
public sealed class ConsoleDecoder : IDisposable
{
    private const int BatchSize = 1000;

    private readonly TempDirectory _directory = new();
    private readonly Lazy<string> _script;

    public ConsoleDecoder()
    {
        _script = new Lazy<string>(Bundle);
    }

    /// <summary>Returns the decoder's answer to each message, in order.</summary>
    public IReadOnlyList<Answer> Decode(IReadOnlyList<Question> questions)
    {
        List<Answer> answers = new(questions.Count);
        foreach (Question[] batch in questions.Chunk(BatchSize))
        {
            using ChildProcess node = ChildProcess.Start(Peer.Require("node", "nodejs"), [_script.Value]);
            foreach (Question question in batch)
            {
                node.Input.WriteLine(JsonSerializer.Serialize(question, JsonSerializerOptions.Web));
            }

            node.Input.Close();
            ProcessResult result = node.WaitForExit();
            Assert.True(result.ExitCode == 0, result.Error);
            string[] lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(batch.Length, lines.Length);
            answers.AddRange(lines.Select(line => JsonSerializer.Deserialize<Answer>(line, JsonSerializerOptions.Web)!));
        }

        return answers;
    }

    public void Dispose() => _directory.Dispose();

    private string Bundle()
    {
        string vite = RepositoryRoot.Combine("console", "node_modules", "vite", "bin", "vite.js");
        Assert.True(File.Exists(vite), "the console's tools are not installed: build src/Estream.Host, or run npm ci in console/");
        ChildProcess.Run(
            Peer.Require("node", "nodejs"),
            [vite, "build", "--ssr", "dev/esfPipe.ts", "--outDir", _directory.Path, "--logLevel", "error"],
            RepositoryRoot.Combine("console")).EnsureSuccess();
        return _directory.Combine("esfPipe.js");
    }

    /// <summary>A message to decode.</summary>
    /// <param name="Schema">Canonical text of the reader's schema.</param>
    /// <param name="Message">The bytes in hexadecimal digits.</param>
    public sealed record Question(string Schema, string Message);

    /// <summary>Either the JSON of a message, or the code of the fault for which the decoder rejects it.</summary>
    public sealed record Answer(string? Json, string? Fault);
}
