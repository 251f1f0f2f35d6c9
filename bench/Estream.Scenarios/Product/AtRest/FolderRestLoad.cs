using System.Text.Json;
using Estream.Crypto;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Product;

/// <summary>A host that polls ten empty folders for payments, each once a second, which is the default.</summary>
internal sealed class FolderRestLoad : IRestLoad
{
    private const int Folders = 10;
    private const string SchemaFile = "iso20022.esf.yaml";

    private readonly ConfiguredHost _host;
    private readonly string[] _folders;

    public FolderRestLoad(string directory)
    {
        _folders = [.. Enumerable.Range(0, Folders).Select(number =>
            Directory.CreateDirectory(Path.Combine(directory, $"in-{number}")).FullName)];
        _host = new ConfiguredHost(directory, Sections(MakeKeys(directory)));
    }

    public int ProcessId => _host.ProcessId;

    public ulong Run(TimeSpan time)
    {
        Thread.Sleep(time);
        return Folders;
    }

    // The adapter makes the folder for processed files when it starts.
    public void RequireWhole()
    {
        if (_folders.FirstOrDefault(folder => !Directory.Exists(Path.Combine(folder, "done"))) is { } unused)
        {
            throw new ScenarioException($"the host does not poll {unused}");
        }
    }

    public void Dispose() => _host.Dispose();

    private static string MakeKeys(string directory)
    {
        string folder = Directory.CreateDirectory(Path.Combine(directory, "keys")).FullName;
        using MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate();
        foreach (string audience in (string[])["payment_agent", "auditor", "regulator", "provider"])
        {
            MlKem1024KeyFile.WritePublic(Path.Combine(folder, audience + ".pub.pem"), key.PublicKey);
        }

        return folder;
    }

    private string Sections(string keys)
    {
        IEnumerable<string> adapters = _folders.Select((folder, number) => $$"""
            "bank-{{number}}": { "Type": "iso20022-folder", "Folder": {{JsonSerializer.Serialize(folder)}},
              "Mappings": [ { "Topic": "pacs.008", "Schema": "Pacs008CreditTransfer", "Queue": "payments" } ] }
            """);
        return $$"""
            "Schemas": [ {{JsonSerializer.Serialize(Path.Combine(AppContext.BaseDirectory, SchemaFile))}} ],
            "Privacy": { "Keys": {{JsonSerializer.Serialize(keys)}} },
            "Queues": { "payments": {}, "dead-letters": {} },
            "Adapters": { {{string.Join(", ", adapters)}} }
            """;
    }
}
