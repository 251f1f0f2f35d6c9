using System.Text.RegularExpressions;

namespace Estream.Cli.Tests;

/// <summary>Each command has an error that says what to do, and exit codes of the one table.</summary>
public sealed class CommandErrorTests
{
    // One line for each command: the command line, '=>', the exit code, and a part of the message.
    private const string Errors = """
        host run extra => 2 'extra'. See: estream host run --help
        host check extra => 2 'extra'. See: estream host check --help
        host reload => 2 Start the host with 'estream host run'
        status => 2 Start the host with 'estream host run'
        doctor extra => 2 'extra'. See: estream doctor --help
        tune check extra => 2 'extra'. See: estream tune check --help
        tune apply extra => 2 'extra'. See: estream tune apply --help
        tune undo extra => 2 'extra'. See: estream tune undo --help
        token new => 2 Option '--role' is required.
        token list extra => 2 'extra'. See: estream token list --help
        token revoke nobody => 2 List tokens with 'estream token list'.
        audit => 2 Set ESTREAM_DATA to the data folder of a host.
        tail orders => 2 The queue 'orders' does not exist in
        tail orders --host unix:missing.sock => 2 missing.sock cannot be reached: the socket does not exist. Check that the host runs
        queue list extra => 2 'extra'. See: estream queue list --help
        queue create orders --partitions 0 => 2 --partitions must be 1 to 1024.
        queue info orders => 2 The queue 'orders' does not exist in
        queue verify orders => 2 The queue 'orders' does not exist in
        queue retain orders => 2 The queue 'orders' does not exist in
        queue remove-tailer orders billing => 2 The queue 'orders' does not exist in
        queue remove-cursor orders billing => 2 The queue 'orders' does not exist in
        queue remove-group orders billing => 2 The queue 'orders' does not exist in
        queue append orders => 2 The queue 'orders' does not exist in
        queue redrive => 2 Start the host with 'estream host run'
        queue rotate-key orders --key-file missing => 2 The queue 'orders' does not exist in
        queue rewrap-keys orders --key-file missing => 2 The queue 'orders' does not exist in
        map list extra => 2 'extra'. See: estream map list --help
        map get latest pump-7 => 2 The map 'latest' does not exist in
        map scan latest => 2 The map 'latest' does not exist in
        map put settings limit 100 --host nowhere => 2 --host 'nowhere' is not valid. Give estreams://HOST:PORT
        map remove settings limit --host nowhere => 2 --host 'nowhere' is not valid. Give estreams://HOST:PORT
        map watch settings limit --host nowhere => 2 --host 'nowhere' is not valid. Give estreams://HOST:PORT
        map rotate-key sessions --key-file missing => 2 The map 'sessions' does not exist in
        map rewrap-keys sessions --key-file missing => 2 The map 'sessions' does not exist in
        map confirm settings => 2 The map 'settings' does not exist in
        schema list --schema missing.esf.yaml => 2 Schema file 'missing.esf.yaml' cannot be read
        schema show IoTTelemetri => 1 Did you mean 'IoTTelemetry'?
        schema check missing.esf.yaml => 2 There is no file 'missing.esf.yaml'. Check the path.
        schema publish missing.esf.yaml => 2 There is no file 'missing.esf.yaml'. Check the path.
        esf encode --type IoTTelemetri => 1 Did you mean 'IoTTelemetry'?
        esf decode --framing wrong => 2 --framing takes none or length.
        esf sign --key missing.key => 2 The key file 'missing.key' cannot be read
        esf verify --key missing.pub => 2 The key file 'missing.pub' cannot be read
        replica status orders => 2 The queue 'orders' does not exist in
        replica verify orders => 2 The queue 'orders' does not exist in
        replica reset orders => 2 The queue 'orders' does not exist in
        placement key --member anna --key-file missing.key => 2 cannot be read: it does not exist.
        placement ticket orders --partitions 4 --epoch 1 --member anna --key-file missing.key => 2 cannot be read: it does not exist.
        placement verify missing.ticket --keys missing => 2 There is no file 'missing.ticket'. Check the path.
        multicast publish orders --group 239.1.2.3 => 2 give --group-key-file, or --allow-plaintext
        multicast subscribe orders --group 10.0.0.1 => 2 --group '10.0.0.1' is not valid. Give 224.0.0.0 to
        circuit check missing.circuit.yaml => 2 There is no file 'missing.circuit.yaml'. Check the path.
        circuit run missing.circuit.yaml => 2 List them with 'estream circuit check'.
        circuit test missing.circuit.yaml => 2 List them with 'estream circuit check'.
        circuit list => 2 Start the host with 'estream host run'
        circuit show alarms => 2 Start the host with 'estream host run'
        pipeline check missing.pipeline.yaml => 2 There is no file 'missing.pipeline.yaml'. Check the path.
        fpga list extra => 2 'extra'. See: estream fpga list --help
        fpga info --card nothing => 2 The card 'nothing' cannot be opened: use 'sim:'
        fpga selftest --card nothing => 2 The card 'nothing' cannot be opened: use 'sim:'
        fpga bench --card nothing => 2 The card 'nothing' cannot be opened: use 'sim:'
        feed --port 1 => 2 Start a host with 'estream host run', or name another server with --host and --port.
        feed fix => 2 Option '--sender' is required.
        feed fhir --url ftp://x => 2 --url takes an http or https URL
        feed hl7 --port 1 => 2 Start a host with 'estream host run', or name another server with --host and --port.
        feed iso20022 --folder missing => 2 No adapter uses the folder 'missing'
        simulate hl7 --port 70000 => 2 --port takes 0 to 65535.
        simulate modbus --port 70000 => 2 --port takes 0 to 65535.
        simulate dnp3 --port 70000 => 2 --port takes 0 to 65535.
        simulate fhir --port 70000 => 2 --port takes 0 to 65535.
        simulate opcua --port 70000 => 2 --port takes 0 to 65535.
        modbus read 127.0.0.1:1 => 2 Name what to read with --holding, --coils
        modbus write 127.0.0.1:1 => 2 Name what to write with --holding or --coils.
        modbus scan 127.0.0.1:1 => 2 127.0.0.1:1 cannot be reached
        dnp3 poll 127.0.0.1:1 => 2 127.0.0.1:1 cannot be reached
        opcua browse nowhere => 2 write opc.tcp://HOST:PORT/PATH.
        opcua read nowhere ns=1;s=x => 2 write opc.tcp://HOST:PORT/PATH.
        opcua write nowhere ns=1;s=x 1 => 2 write opc.tcp://HOST:PORT/PATH.
        opcua watch nowhere ns=1;s=x => 2 write opc.tcp://HOST:PORT/PATH.
        hl7 send 127.0.0.1:1 missing.hl7 => 2 Check the path.
        iso20022 send 127.0.0.1:1 missing.xml => 2 Check the path.
        iso20022 payments bank => 2 Set ESTREAM_DATA to the data folder of the host
        fhir get ftp://x => 2 URL is not an http or https URL
        fhir put http://x => 2 Name a file with --file.
        wire record --to nowhere --queue recording => 2 --to takes HOST:PORT
        wire replay --to localhost:1 --queue missing-recording => 2 There is no recording at
        key new --out missing/key --algorithm rot13 => 2 'ml-dsa-87'
        key add-master first --key-file missing --public-key missing.pub => 2 The key file 'missing.pub' cannot be read
        sign missing --key missing.key --out x.sig => 2 There is no file 'missing'. Check the path.
        verify missing --key missing.pub --sig missing.sig => 2 There is no file 'missing'. Check the path.
        witness prove orders --key missing.pub --out x.proof --sequence 1 => 2 The key file 'missing.pub' cannot be read
        witness verify missing.proof --key missing.pub => 2 The key file 'missing.pub' cannot be read
        vault copy missing --key missing.key --to copy --to-key copy.key => 2 There is no vault in 'missing'. Check the path.
        marketplace init --registry directory:missing => 2 --registry and --root belong together
        marketplace search --workspace missing => 2 There is no estream-workspace.toml in
        marketplace show @acme/card --workspace missing => 2 There is no estream-workspace.toml in
        marketplace install @acme/card --workspace missing => 2 There is no estream-workspace.toml in
        marketplace update --workspace missing => 2 There is no estream-workspace.toml in
        marketplace remove @acme/card --workspace missing => 2 There is no estream-workspace.toml in
        marketplace rollback --workspace missing => 2 There is no estream-workspace.toml in
        marketplace graph --workspace missing => 2 Run 'estream marketplace install'.
        marketplace verify missing.escx => 2 There is no file 'missing.escx'. Check the path.
        marketplace mirror missing oci:mirror => 2 Use directory:PATH, git:REMOTE, oci:PATH
        marketplace login ftp://x => 2 Use an https URL without user info
        marketplace logout ftp://x => 2 Use an https URL without user info
        marketplace lint missing => 2 There is no folder 'missing'. Check the path.
        marketplace scaffold doors! --category widget => 2 Write a name such as @acme/doors.
        marketplace test missing => 2 There is no folder 'missing'. Check the path.
        marketplace pack missing => 2 There is no folder 'missing'. Check the path.
        marketplace rebuild missing.escx --from missing => 2 There is no folder 'missing'. Check the path.
        marketplace docs missing => 2 There is no folder 'missing'. Check the path.
        marketplace dev missing => 2 Option '--registry' is required.
        marketplace publish missing.escx => 2 A release must be signed.
        marketplace approve doors => 2 Give either --key KEY to sign an approval, or --signed FILE
        marketplace pending --registry missing => 2 There is no registry in 'missing'. Check the path
        marketplace pending => 2 Give either --registry with a local registry, or --to with a marketplace server
        marketplace server reindex --to http://127.0.0.1:1 => 2 Cannot reach a marketplace at http://127.0.0.1:1/
        marketplace server reindex --to ftp://127.0.0.1 => 2 --to 'ftp://127.0.0.1' is not valid.
        marketplace yank doors --reason x --key missing.key => 2 Write NAME@VERSION, such as @acme/doors@1.2.0.
        marketplace deprecate doors --reason x --key missing.key => 2 Write NAME@VERSION, such as @acme/doors@1.2.0.
        marketplace key show @acme --registry missing => 2 There is no registry in 'missing'. Check the path
        marketplace key claim @acme --key missing.key => 2 Give either --registry with a local registry, or --out
        marketplace key rotate @acme --key missing.key --new-key next.key => 2 Give either --registry with a local registry, or --out
        marketplace key revoke @acme --key missing.key --revoked missing.pub --reason x => 2 The key file 'missing.pub' cannot be read
        marketplace registry create registry => 2 Option '--name' is required.
        marketplace registry renew --registry missing => 2 There is no registry in 'missing'. Check the path
        marketplace registry policy --registry missing => 2 There is no registry in 'missing'. Check the path
        marketplace registry rotate --registry missing => 2 cannot be read: it does not exist.
        marketplace registry take missing.json --registry missing => 2 There is no file 'missing.json'. Check the path.
        init --template nonsense => 2 'smart-circuit'
        completion tcsh => 2 'fish'
        """;

    public static TheoryData<string> Lines => [.. Errors.Split('\n')];

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task An_error_of_each_command_says_what_to_do(string line)
    {
        Match match = Regex.Match(line, "^(.*) => ([12]) (.*)$");
        using SampleData data = new();
        CliResult result = await data.RunAsync(match.Groups[1].Value.Split(' '));
        result.AssertFailed(int.Parse(match.Groups[2].ValueSpan, System.Globalization.CultureInfo.InvariantCulture), match.Groups[3].Value);
    }

    [Fact]
    public void Each_command_has_a_test_of_an_error()
    {
        string[][] tested = [.. Errors.Split('\n').Select(line => line.Split(' '))];
        string[] commands = [.. KnownCommands.All.Select(words => string.Join(' ', words))];
        IEnumerable<string> found = tested.Select(words =>
            Enumerable.Range(1, words.Length).Select(count => string.Join(' ', words.Take(count))).Last(commands.Contains));
        Assert.Equal(commands.Order(StringComparer.Ordinal), found.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Exit_codes_in_the_help_are_those_of_the_table()
    {
        string[] table = [.. Regex.Matches(
            await File.ReadAllTextAsync(Testing.RepositoryRoot.Combine("docs", "guides", "command-line.md")), @"^\| ([0-9]) \| (.*) \|$",
            RegexOptions.Multiline).Select(row => row.Groups[1].Value)];
        Assert.Equal([$"{ExitCode.Ok}", $"{ExitCode.No}", $"{ExitCode.Failed}"], table);
        using SampleData data = new();
        foreach (string[] command in KnownCommands.All)
        {
            string help = (await data.RunAsync([.. command, "--help"])).Output.ReplaceLineEndings(" ");
            foreach (Match code in Regex.Matches(help, @"[Ee]xit +codes?:? +(is +)?([0-9]+)"))
            {
                Assert.True(table.Contains(code.Groups[2].Value), $"{string.Join(' ', command)}: {code.Value}");
            }
        }
    }
}
