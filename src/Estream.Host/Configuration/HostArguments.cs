namespace Estream.Host.Configuration;

/// <summary>The command line of the host. Settings belong in the configuration file.</summary>
internal sealed record HostArguments(string? ConfigFile, bool CheckOnly, bool ShowHelp)
{
    public const string Usage = """
        usage: Estream.Host [--config FILE] [--check] [--help]

          --config FILE   read this configuration instead of the appsettings.json beside the program
          --check         check the configuration, say what is wrong with it, start nothing
          --help          this text

        Environment: ESTREAM_HTTP_PORT, ESTREAM_MQTT_PORT and ESTREAM_DATA override the file;
        any other key is set as in Estream__Http__Address=127.0.0.1.
        Exit codes: 0 ended as asked, 1 the environment is in the way, 2 the configuration is.
        """;

    /// <exception cref="ConfigurationErrorException">An argument is unknown or lacks its value.</exception>
    public static HostArguments Parse(ReadOnlySpan<string> args)
    {
        HostArguments result = new(null, false, false);
        for (int i = 0; i < args.Length; i++)
        {
            result = args[i] switch
            {
                "--config" when i + 1 < args.Length => result with { ConfigFile = args[++i] },
                "--config" => throw new ConfigurationErrorException("--config needs a file name.\n\n" + Usage),
                "--check" => result with { CheckOnly = true },
                "--help" or "-h" => result with { ShowHelp = true },
                _ => throw new ConfigurationErrorException($"{ScalarSchema.Quote(args[i])} is not an argument.\n\n{Usage}"),
            };
        }

        return result;
    }
}
