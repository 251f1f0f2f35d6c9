using System.CommandLine;

namespace Estream.Cli.Commands;

/// <summary>Arguments and options shared by several commands.</summary>
internal static class SharedOptions
{
    public static Argument<string> Queue()
    {
        return new Argument<string>("QUEUE") { Description = "A queue's name, or its directory where it contains a '/'." };
    }

    public static Argument<string> Map()
    {
        return new Argument<string>("MAP") { Description = "A map's name, or its directory where it contains a '/'." };
    }

    public static Option<string> KeyFile()
    {
        return new Option<string>("--key-file")
        {
            Description =
                "The master keys of an encrypted queue: a line of an id and 64 hexadecimal digits each, in a file that only its owner may "
                + "use.",
            HelpName = "FILE",
        };
    }

    public static Option<string> Required(string name, string helpName, string help)
    {
        return new Option<string>(name) { Description = help, HelpName = helpName, Required = true };
    }

    public static Option<bool> Json()
    {
        return new Option<bool>("--json") { Description = "One JSON object per line, and nothing else." };
    }

    public static Option<string[]> SchemaFiles()
    {
        return new Option<string[]>("--schema")
        {
            Description = "A .esf.yaml file to decode with, besides the built-in schemas and those of the host. May be repeated.",
            HelpName = "FILE",
            DefaultValueFactory = _ => [],
        };
    }

    public static Option<string[]> Imports()
    {
        return new Option<string[]>("--import")
        {
            Description =
                "A file the schemas import from: a pack's estream-component.toml, or one of its .esf.yaml files. May be repeated.",
            HelpName = "FILE",
            DefaultValueFactory = _ => [],
        };
    }
}
